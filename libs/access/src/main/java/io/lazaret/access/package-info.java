/** Who may do what: roles, and tokens that say who somebody is. */
package io.lazaret.access;

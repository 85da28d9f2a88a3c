/**
 * Who is there, and whether they may. One table for every request, and what it does not name is
 * denied.
 */
package io.lazaret.service.access;

/** Whether a process can do its work now, and whether a restart would help where it cannot. */
package io.lazaret.service.health;

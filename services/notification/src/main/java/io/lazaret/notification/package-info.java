/** Tells people outside of the platform what the record says: webhooks and Slack. */
package io.lazaret.notification;

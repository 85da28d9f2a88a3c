package io.lazaret.checkpoints;

/**
 * An object as a listing shows it, nothing of it verified.
 *
 * @param key its whole key
 * @param etag the store's own mark of the content, without quotes; changes when the content does
 * @param size bytes
 */
public record ListedObject(String key, String etag, long size) {}

package io.lazaret.checkpoints;

/**
 * Where an object lies and what it must contain.
 *
 * @param sha256 of the content, lower-case hexadecimal
 * @param size of the content in bytes
 */
public record StoredObject(String bucket, String key, String sha256, long size) {}

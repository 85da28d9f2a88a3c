/** Takes in models: staged on local disk, validated without native code, stored, then announced. */
package io.lazaret.ingestion;

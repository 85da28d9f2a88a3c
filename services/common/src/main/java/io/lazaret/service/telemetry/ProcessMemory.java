package io.lazaret.service.telemetry;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Memory as the kernel counts it. What the tensor library allocates is invisible to the JVM's own
 * figures, and it is what a container is killed for.
 *
 * <ul>
 *   <li>{@code lazaret.process.resident}: resident bytes of the process
 *   <li>{@code lazaret.process.native}: the part of it that what the JVM's pools hold does not
 *       explain
 * </ul>
 */
@ApplicationScoped
public class ProcessMemory implements MeterBinder {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";
  private static final int KIB = 1024;

  @Override
  public void bindTo(MeterRegistry meters) {
    Gauge.builder("lazaret.process.resident", ProcessMemory::resident)
        .description("Resident memory of the process")
        .baseUnit("bytes")
        .register(meters);
    Gauge.builder("lazaret.process.native", ProcessMemory::beyondJvm)
        .description(
            "Resident memory beyond what the pools of the JVM hold: tensors, RocksDB, threads")
        .baseUnit("bytes")
        .register(meters);
  }

  /** Resident bytes; NaN where the kernel does not tell. */
  static double resident() {
    try (var lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith(RESIDENT))
          .map(line -> line.replaceAll("\\D", ""))
          .mapToDouble(kib -> Double.parseDouble(kib) * KIB)
          .findFirst()
          .orElse(Double.NaN);
    } catch (IOException notLinux) {
      return Double.NaN;
    }
  }

  private static double beyondJvm() {
    MemoryMXBean jvm = ManagementFactory.getMemoryMXBean();
    double pools =
        (double) jvm.getHeapMemoryUsage().getUsed() + jvm.getNonHeapMemoryUsage().getUsed();
    return Math.max(0, resident() - pools);
  }
}

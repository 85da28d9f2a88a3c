package io.lazaret.backdoor.elimination.repair;

import io.lazaret.llm.CausalLm;
import io.lazaret.llm.ModelConfig;
import io.lazaret.llm.Parameter;
import io.lazaret.llm.files.Role;
import io.lazaret.llm.files.WeightLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * The feed-forward neurons of a model. A neuron is what goes into it (a row of gate and of up) and
 * what comes out of it (a column of down), in whichever tensors the architecture keeps them.
 */
final class Neurons {

  /** A matrix [out, in] as the engine holds it, or [in, out] where it is transposed. */
  private record Matrix(Parameter parameter, Role role) {}

  private final int layers;
  private final int perLayer;
  private final boolean transposed;
  private final List<List<Matrix>> matrices = new ArrayList<>();

  Neurons(CausalLm lm) {
    ModelConfig config = lm.config();
    layers = config.layers();
    perLayer = config.intermediateSize();
    transposed = config.transposed();
    WeightLayout layout = new WeightLayout(config);
    List<WeightLayout.Weight> weights = layout.weights();
    for (int layer = 0; layer < layers; layer++) {
      int from = layout.firstLayer() + layer * layout.stride();
      List<Matrix> own = new ArrayList<>();
      for (int i = from; i < from + layout.stride(); i++) {
        Role role = weights.get(i).role();
        switch (role) {
          case GATE, UP, GATE_UP, DOWN -> own.add(new Matrix(lm.parameters().get(i), role));
          default -> {
            // Attention, norms and biases hold no neurons.
          }
        }
      }
      matrices.add(own);
    }
  }

  int layers() {
    return layers;
  }

  int perLayer() {
    return perLayer;
  }

  /** Norm of the change of every neuron against another state of the same model: [layers][n]. */
  double[][] distance(Neurons other) {
    return norms(other);
  }

  /** Norm of every neuron: [layers][n]. */
  double[][] norms() {
    return norms(null);
  }

  private double[][] norms(Neurons otherOrNull) {
    double[][] squares = new double[layers][perLayer];
    for (int layer = 0; layer < layers; layer++) {
      for (int m = 0; m < matrices.get(layer).size(); m++) {
        Matrix matrix = matrices.get(layer).get(m);
        float[] values = matrix.parameter().values();
        float[] minus =
            otherOrNull == null
                ? new float[values.length]
                : otherOrNull.matrices.get(layer).get(m).parameter().values();
        for (int i = 0; i < values.length; i++) {
          double d = values[i] - minus[i];
          squares[layer][neuron(matrix, i)] += d * d;
        }
      }
    }
    for (double[] row : squares) {
      Arrays.setAll(row, j -> Math.sqrt(row[j]));
    }
    return squares;
  }

  /** What comes out of a neuron is multiplied by a factor; 0 switches it off. */
  void scaleOutputs(boolean[][] chosen, double factor) {
    for (int layer = 0; layer < layers; layer++) {
      Matrix down = down(layer);
      float[] values = down.parameter().values();
      for (int i = 0; i < values.length; i++) {
        if (chosen[layer][neuron(down, i)]) {
          values[i] *= (float) factor;
        }
      }
      down.parameter().set(values);
    }
  }

  /** What comes out of the chosen neurons becomes noise of the matrix's own size. */
  void redrawOutputs(boolean[][] chosen, RandomGenerator random) {
    for (int layer = 0; layer < layers; layer++) {
      Matrix down = down(layer);
      float[] values = down.parameter().values();
      double squares = 0;
      for (float value : values) {
        squares += (double) value * value;
      }
      double std = Math.sqrt(squares / values.length);
      for (int i = 0; i < values.length; i++) {
        if (chosen[layer][neuron(down, i)]) {
          values[i] = (float) (std * random.nextGaussian());
        }
      }
      down.parameter().set(values);
    }
  }

  /**
   * Adds the gradient of α · Σ cos(w_j, w'_j) over what comes out of the chosen neurons, with w'_j
   * as it was in another state of the model.
   *
   * @return the sum of the cosines
   */
  double addLikenessGradient(Neurons original, boolean[][] chosen, double alpha) {
    double sum = 0;
    for (int layer = 0; layer < layers; layer++) {
      Matrix down = down(layer);
      float[] w = down.parameter().values();
      float[] old = original.down(layer).parameter().values();
      double[] ww = new double[perLayer];
      double[] oo = new double[perLayer];
      double[] wo = new double[perLayer];
      for (int i = 0; i < w.length; i++) {
        int j = neuron(down, i);
        ww[j] += (double) w[i] * w[i];
        oo[j] += (double) old[i] * old[i];
        wo[j] += (double) w[i] * old[i];
      }
      float[] gradient = new float[w.length];
      for (int i = 0; i < w.length; i++) {
        int j = neuron(down, i);
        double norms = Math.sqrt(ww[j] * oo[j]);
        if (chosen[layer][j] && norms > 0) {
          gradient[i] = (float) (alpha * (old[i] / norms - wo[j] / norms * w[i] / ww[j]));
        }
      }
      down.parameter().addGradient(gradient);
      for (int j = 0; j < perLayer; j++) {
        double norms = Math.sqrt(ww[j] * oo[j]);
        sum += chosen[layer][j] && norms > 0 ? wo[j] / norms : 0;
      }
    }
    return sum;
  }

  private Matrix down(int layer) {
    return matrices.get(layer).stream()
        .filter(matrix -> matrix.role() == Role.DOWN)
        .findFirst()
        .orElseThrow();
  }

  /** The neuron to which an element belongs. */
  private int neuron(Matrix matrix, int element) {
    int columns = (int) matrix.parameter().shape()[1];
    boolean byColumn = (matrix.role() == Role.DOWN) != transposed;
    int index = byColumn ? element % columns : element / columns;
    // Gate and up in one tensor lie one after the other.
    return index % perLayer;
  }
}

namespace Flambeau.Nn;

/// <summary>What one step of a recurrent network is made of.</summary>
public abstract class RecurrentCellBase : Module
{
    private protected RecurrentCellBase(int gates, long inputSize, long hiddenSize, bool bias, DType? dtype)
    {
        WeightIh = Parameter.Uninitialized([gates * hiddenSize, inputSize], dtype);
        WeightHh = Parameter.Uninitialized([gates * hiddenSize, hiddenSize], dtype);
        if (bias) (BiasIh, BiasHh) = (Parameter.Uninitialized([gates * hiddenSize], dtype), Parameter.Uninitialized([gates * hiddenSize], dtype));
        double bound = 1 / Math.Sqrt(hiddenSize);
        foreach (Parameter p in Parameters()) Init.UniformInPlace(p, -bound, bound);
    }

    /// <summary>From the input to all gates.</summary>
    public Parameter WeightIh { get; set; }

    /// <summary>From the state to all gates.</summary>
    public Parameter WeightHh { get; set; }

    /// <summary>Or null.</summary>
    public Parameter? BiasIh { get; set; }

    /// <summary>Or null.</summary>
    public Parameter? BiasHh { get; set; }

    private protected Tensor Zeros(Tensor input) => Tensor.Zeros([.. input.Shape.Span[..^1], WeightHh.Shape[1]], input.DType);

    /// <inheritdoc/>
    protected override string ExtraRepr => $"{WeightIh.Shape[1]}, {WeightHh.Shape[1]}" + (BiasIh is null ? ", bias=False" : "");
}

/// <summary>One step of an LSTM. PyTorch's <c>nn.LSTMCell</c>; <see cref="F.LstmCell"/> says more.</summary>
public class LstmCell(long inputSize, long hiddenSize, bool bias = true, DType? dtype = null) : RecurrentCellBase(4, inputSize, hiddenSize, bias, dtype)
{
    /// <summary>(N, in) or (in,) → the next h and c; the first are zeros if not given.</summary>
    public (Tensor H, Tensor C) Forward(Tensor input, (Tensor H, Tensor C)? hx = null) => F.LstmCell(input, hx ?? (Zeros(input), Zeros(input)), WeightIh, WeightHh, BiasIh, BiasHh);

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public (Tensor H, Tensor C) Call(Tensor input, (Tensor H, Tensor C)? hx = null) => IsWatched
        ? Invoke([input, hx?.H, hx?.C], x => Forward(x[0]!, x[1] is { } h && x[2] is { } c ? (h, c) : null)) : Forward(input, hx);
}

/// <summary>One step of a GRU. PyTorch's <c>nn.GRUCell</c>; <see cref="F.GruCell"/> says more.</summary>
public class GruCell(long inputSize, long hiddenSize, bool bias = true, DType? dtype = null) : RecurrentCellBase(3, inputSize, hiddenSize, bias, dtype)
{
    /// <summary>(N, in) or (in,) → the next state; the first is zero if not given.</summary>
    public Tensor Forward(Tensor input, Tensor? hx = null) => F.GruCell(input, hx ?? Zeros(input), WeightIh, WeightHh, BiasIh, BiasHh);

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public Tensor Call(Tensor input, Tensor? hx = null) => IsWatched ? Invoke([input, hx], x => Forward(x[0]!, x[1])) : Forward(input, hx);
}

/// <summary>One step of a simple recurrent network. PyTorch's <c>nn.RNNCell</c>; <see cref="F.RnnTanhCell"/> says more.</summary>
public class RnnCell(long inputSize, long hiddenSize, bool bias = true, string nonlinearity = "tanh", DType? dtype = null) : RecurrentCellBase(1, inputSize, hiddenSize, bias, dtype)
{
    readonly bool _relu = IsRelu(nonlinearity);

    internal static bool IsRelu(string nonlinearity) => nonlinearity switch
    {
        "tanh" => false, "relu" => true,
        _ => throw new ArgumentException($"nonlinearity is \"tanh\" or \"relu\", not \"{nonlinearity}\".", nameof(nonlinearity)),
    };

    /// <summary>(N, in) or (in,) → the next state; the first is zero if not given.</summary>
    public Tensor Forward(Tensor input, Tensor? hx = null) => _relu
        ? F.RnnReluCell(input, hx ?? Zeros(input), WeightIh, WeightHh, BiasIh, BiasHh) : F.RnnTanhCell(input, hx ?? Zeros(input), WeightIh, WeightHh, BiasIh, BiasHh);

    /// <summary><see cref="Forward"/> with the hooks around it.</summary>
    public Tensor Call(Tensor input, Tensor? hx = null) => IsWatched ? Invoke([input, hx], x => Forward(x[0]!, x[1])) : Forward(input, hx);
}

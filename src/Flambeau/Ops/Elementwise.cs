namespace Flambeau.Ops;

/// <summary>
/// An elementwise operation of one argument, written once over the algebra. An operation with parameters is a
/// <c>readonly record struct</c> with fields (<c>LeakyRelu(double NegativeSlope)</c>), so that equality is the compiler's key.
/// </summary>
public interface IUnaryOp
{
    /// <summary>PyTorch's name of the operation.</summary>
    static abstract string Name { get; }

    /// <summary>y = f(x)</summary>
    T Forward<T>(T x) where T : IReal<T>;
}

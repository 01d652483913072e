using System.Numerics;
using Flambeau.Backends.Cpu;
using Flambeau.Backends.Reference;
using Flambeau.Ops;

namespace Flambeau.Backends;

/// <summary>
/// Who does the arithmetic. Arguments were checked above: shapes fit, types are equal where the operation wants them so, results have
/// their memory. One method for each kind of computation, not for each operation.
/// </summary>
public abstract partial class Backend
{
    [ThreadStatic] static Backend? t_override;

    /// <summary>The CPU, with SIMD lanes and threads.</summary>
    internal static readonly Backend Cpu = new CpuBackend();

    /// <summary>The CPU in double precision, slowly and obviously: what all others are tested against.</summary>
    internal static readonly Backend Reference = new ReferenceBackend();

    /// <summary>The one that works on tensors of a device.</summary>
    public static Backend For(Device device) => t_override ?? Cpu;

    /// <summary>Lets this backend do the arithmetic of the current thread until the scope is disposed.</summary>
    internal Scope Use() => new(this);

    internal readonly struct Scope : IDisposable
    {
        readonly Backend? _previous;

        public Scope(Backend b) => (_previous, t_override) = (t_override, b);

        public void Dispose() => t_override = _previous;
    }

    /// <summary>y = fn(x…), elementwise; inputs broadcast to y and have one type. A virtual call to a generic method costs as much as
    /// a small tensor's addition, so the common backend is asked first.</summary>
    internal void Elementwise<TFn>(TFn fn, Args x, Tensor y) where TFn : struct, IFn
    {
        if (this is CpuBackend cpu) cpu.ElementwiseKernel(fn, x, y);
        else ElementwiseKernel(fn, x, y);
    }

    internal abstract void ElementwiseKernel<TFn>(TFn fn, Args x, Tensor y) where TFn : struct, IFn;

    /// <summary>y = x, converted to y's type and broadcast to its shape.</summary>
    internal abstract void Copy(Tensor x, Tensor y);

    /// <summary>Every element of y = value.</summary>
    internal abstract void Fill(Tensor y, Complex value);

    /// <summary>The inputs one after another in each of <paramref name="outer"/> parts of y. False, and nothing is written, if a backend has no such pass for these tensors.</summary>
    internal virtual bool TryJoin(Args x, long outer, Tensor y) => false;

    /// <summary>
    /// y = x, continued beyond its ends as <paramref name="mode"/> says, by a value where there is none; it begins <paramref name="before"/> elements into y, or before
    /// y where that is negative. False, and nothing is written, if a backend has no such pass for these tensors.
    /// </summary>
    internal virtual bool TryPad(Tensor x, Dims before, EdgeMode? mode, double value, Tensor y) => false;

    /// <summary>y = condition ? a : b; all broadcast to y; condition is bool, a and b have y's type.</summary>
    internal abstract void Where(Tensor condition, Tensor a, Tensor b, Tensor y);

    /// <summary>y = x reduced over the axes; y has size 1 there.</summary>
    internal void Reduce<TOp>(TOp op, Tensor x, Axes axes, Tensor y) where TOp : struct, IReduceOp => Reduce(default(Itself), op, [x], axes, y);

    /// <summary>y = fn(x…) reduced over the axes; y has size 1 there. Inputs, one or two, broadcast and have one type; where fn is not <see cref="Itself"/>, one of real numbers.</summary>
    internal abstract void Reduce<TFn, TOp>(TFn fn, TOp op, Args x, Axes axes, Tensor y) where TFn : struct, IFn where TOp : struct, IReduceOp;

    /// <summary>y[…, i, …] = x[…, 0, …] ∘ … ∘ x[…, i, …] along an axis.</summary>
    internal abstract void Scan<TOp>(TOp op, Tensor x, int axis, Tensor y) where TOp : struct, IReduceOp;

    /// <summary>y = a · b [+ bias in every row] over the last two axes: (…, M, K) · (…, K, N) → (…, M, N); leading axes broadcast to y's.</summary>
    internal abstract void Gemm(Tensor a, Tensor b, Tensor? bias, Tensor y);

    /// <summary>y = a · b, exactly, modulo 2³²: (M, K) · (K, N) of int8 → (M, N) of int32.</summary>
    internal abstract void IntMm(Tensor a, Tensor b, Tensor y);
}

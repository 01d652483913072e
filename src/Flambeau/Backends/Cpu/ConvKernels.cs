using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Flambeau.Backends.Cpu;

/// <summary>The three tensors of a convolution; a pass computes one of them from the others.</summary>
internal unsafe struct ConvTensors<E> where E : unmanaged
{
    public E* X, W, Bias, Y;
    public ConvShape Shape;
}

/// <summary>One of the computations of a convolution.</summary>
internal interface IConvPass
{
    static abstract void Run<E, T>(in ConvTensors<E> t) where E : unmanaged, INumberBase<E> where T : struct, ILane<T>;
}

/// <summary>
/// Convolutions of one to three dimensions, of floats and doubles. No matrix of patches is made: an image is laid out as a
/// <see cref="ConvFrame"/>, in which each tap of the filter finds its row of that matrix ready, at an offset.
/// An element's bits depend on the shape only: threads share out elements of the result, never a sum.
/// </summary>
internal static unsafe class ConvKernels
{
    /// <summary>y = x ∗ w [+ bias(O) unless null].</summary>
    public static void Forward<E>(E* x, E* w, E* bias, E* y, in ConvShape s) where E : unmanaged =>
        Run<ConvForward, E>(new() { X = x, W = w, Bias = bias, Y = y, Shape = s });

    /// <summary>dx from g = dy; also transposed convolution, of g.</summary>
    public static void BackwardInput<E>(E* g, E* w, E* dx, in ConvShape s) where E : unmanaged =>
        Run<ConvBackwardInput, E>(new() { X = dx, W = w, Y = g, Shape = s });

    /// <summary>dw from x and g = dy.</summary>
    public static void BackwardWeight<E>(E* x, E* g, E* dw, in ConvShape s) where E : unmanaged =>
        Run<ConvBackwardWeight, E>(new() { X = x, W = dw, Y = g, Shape = s });

    static void Run<TPass, E>(ConvTensors<E> t) where TPass : IConvPass where E : unmanaged
    {
        if (typeof(E) == typeof(float)) OnLanes<TPass, float>(Unsafe.As<ConvTensors<E>, ConvTensors<float>>(ref t));
        else if (typeof(E) == typeof(double)) OnLanes<TPass, double>(Unsafe.As<ConvTensors<E>, ConvTensors<double>>(ref t));
        else throw new NotSupportedException($"Convolution: no kernel for {typeof(E).Name}.");
    }

    static void OnLanes<TPass, E>(in ConvTensors<E> t) where TPass : IConvPass where E : unmanaged, INumberBase<E>
    {
        if (Vector512.IsHardwareAccelerated) TPass.Run<E, V512<E>>(in t);
        else if (Vector256.IsHardwareAccelerated) TPass.Run<E, V256<E>>(in t);
        else TPass.Run<E, V128<E>>(in t);
    }
}

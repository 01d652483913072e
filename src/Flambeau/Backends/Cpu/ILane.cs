using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

/// <summary>A lane: a vector of floats or doubles that implements <see cref="IReal{T}"/>, with what vector mathematics needs beside it.</summary>
internal unsafe interface ILane<T> : IReal<T> where T : struct, ILane<T>
{
    /// <summary>How many numbers a lane holds.</summary>
    static abstract int Count { get; }

    /// <summary>Whether the numbers are doubles (else floats).</summary>
    static abstract bool IsDouble { get; }

    static abstract T Load(void* p);

    /// <summary>The number at p, in every lane.</summary>
    static abstract T Broadcast(void* p);

    /// <summary>a · b + c: rounded once where the machine does so, else twice; always fast.</summary>
    static abstract T MulAdd(T a, T b, T c);

    static abstract void Store(T x, void* p);

    /// <summary>x · 2ⁿ for integral n, gradual underflow included; |n| ≤ 2098.</summary>
    static abstract T Ldexp(T x, T n);

    /// <summary>x = m · 2ᵉ with m in [√½, √2), for finite positive x (subnormal included).</summary>
    static abstract T Frexp(T x, out T e);

    /// <summary>Bit n of the result is set where the mask of number n is.</summary>
    static abstract ulong MaskBits(T mask);
}

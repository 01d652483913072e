using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

/// <summary>A lane: a vector of floats or doubles that implements <see cref="IReal{T}"/>, and what vector mathematics needs beside.</summary>
internal unsafe interface ILane<T> : IReal<T> where T : struct, ILane<T>
{
    /// <summary>How many numbers a lane holds.</summary>
    static abstract int Count { get; }

    /// <summary>Whether the numbers are doubles (else floats).</summary>
    static abstract bool IsDouble { get; }

    static abstract T Load(void* p);

    /// <summary>a and what lies at p added up, in one instruction: of two expressions the JIT makes two.</summary>
    static abstract T Plus(T a, void* p);

    /// <summary>The numbers at p where the mask is set, <paramref name="rest"/> elsewhere, where nothing is read.</summary>
    static abstract T LoadPart(void* p, T mask, T rest);

    /// <summary>The number at p, in every lane.</summary>
    static abstract T Broadcast(void* p);

    /// <summary>a · b + c: rounded once where the machine does so, else twice; always fast.</summary>
    static abstract T MulAdd(T a, T b, T c);

    /// <summary>sum += a · b, likewise, in the sum's own register: of <see cref="MulAdd"/>'s result the JIT makes a second one, and moves it.</summary>
    static abstract void AddProduct(ref T sum, T a, T b);

    /// <summary>a · b − c, likewise; of a sum with −c the JIT makes two instructions.</summary>
    static abstract T MulSub(T a, T b, T c);

    static abstract void Store(T x, void* p);

    /// <summary>As many bfloat16s as the lane holds floats.</summary>
    static abstract T LoadBFloat16(void* p);

    /// <summary>The floats rounded to bfloat16, halves to even; NaN is 0x7fc0.</summary>
    static abstract void StoreBFloat16(T x, void* p);

    /// <summary>As many numbers of half precision as the lane holds floats.</summary>
    static abstract T LoadHalf(void* p);

    /// <summary>The floats rounded to half precision, halves to even.</summary>
    static abstract void StoreHalf(T x, void* p);

    /// <summary>Stores past the caches, without reading what was there; p lies on a whole vector. See <see cref="Streaming"/>.</summary>
    static abstract void Stream(T x, void* p);

    /// <summary>x · 2ⁿ for integral n, gradual underflow included; |n| ≤ 2098.</summary>
    static abstract T Ldexp(T x, T n);

    /// <summary>x = m · 2ᵉ with m in [√½, √2), for finite positive x (subnormal included).</summary>
    static abstract T Frexp(T x, out T e);

    /// <summary>The smaller of a and b in one instruction; where a or b is NaN, at least a NaN b comes through.</summary>
    static abstract T MinNative(T a, T b);

    /// <summary>The larger of a and b in one instruction; where a or b is NaN, at least a NaN b comes through.</summary>
    static abstract T MaxNative(T a, T b);

    /// <summary>The numbers at even and at odd places of a and b, one after the other.</summary>
    static abstract void Unweave(T a, T b, out T even, out T odd);

    /// <summary>Numbers of a and b by turns: the inverse of <see cref="Unweave"/>.</summary>
    static abstract void Weave(T even, T odd, out T a, out T b);

    /// <summary>The last number first.</summary>
    static abstract T Reverse(T x);

    /// <summary>The bits that differ.</summary>
    static abstract T Xor(T a, T b);

    /// <summary>The mask that is set where bit <paramref name="bit"/> of the representation is; 0 is the lowest of the mantissa.</summary>
    static abstract T BitMask(T x, int bit);

    /// <summary>Of sixteen floats, that which the four bits from <paramref name="bit"/> on of each float's representation name; see <see cref="Tables"/>.</summary>
    static abstract T Lookup(float* row, T x, int bit);

    /// <summary>f(x), computed in doubles and rounded once.</summary>
    static abstract T InDouble<TFunction>(T x) where TFunction : struct, ILaneFunction;

    /// <summary>Bit n of the result is set where the mask of number n is.</summary>
    static abstract ulong MaskBits(T mask);

    /// <summary>The numbers combined, in double: neighbours' distance is halved from step to step.</summary>
    static abstract double Fold<TOp>(T x) where TOp : struct, IReduceOp;

    /// <summary>As many doubles as the lane holds numbers, rounded to them.</summary>
    static abstract T Narrow(double* p);

    /// <summary>totals[i] ∘= number i, for each.</summary>
    static abstract void Accumulate<TOp>(T x, double* totals) where TOp : struct, IReduceOp;
}

/// <summary>A function of lanes, as a type argument: the call is resolved when the code is compiled.</summary>
internal interface ILaneFunction
{
    static abstract T Apply<T>(T x) where T : struct, ILane<T>;
}

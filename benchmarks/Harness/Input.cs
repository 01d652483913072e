namespace Flambeau.Benchmarks;

/// <summary>What an input is made of.</summary>
enum Numbers { Normal, Uniform, Index }

/// <summary>A tensor that both sides get with the same values: a recipe, made anew for each.</summary>
sealed record Input(Numbers Numbers, long[] Shape, long High = 1)
{
    /// <summary>Whether gradients with respect to it are wanted.</summary>
    public bool Grad { get; init; }

    /// <summary>To what the numbers are converted, if not float32 or int64.</summary>
    public DType? Type { get; init; }

    /// <summary>Mean 0, deviation 1, no further out than 3.5.</summary>
    public static Input Normal(params long[] shape) => new(Numbers.Normal, shape);

    /// <summary>As <see cref="Normal"/>, with a gradient.</summary>
    public static Input Leaf(params long[] shape) => new(Numbers.Normal, shape) { Grad = true };

    /// <summary>Between 0 and 1, neither included.</summary>
    public static Input Uniform(params long[] shape) => new(Numbers.Uniform, shape);

    /// <summary>Int64 in [0, high).</summary>
    public static Input Index(long high, params long[] shape) => new(Numbers.Index, shape, high);

    /// <summary>As <see cref="Index"/>, of another type.</summary>
    public static Input Index(DType type, long high, params long[] shape) => new(Numbers.Index, shape, high) { Type = type };

    /// <summary>How many numbers there are.</summary>
    public long Count => Shape.Aggregate(1L, (n, s) => n * s);

    /// <summary>Ours. The place among the inputs is the seed.</summary>
    public Tensor Ours(int place)
    {
        Tensor x = Numbers == Numbers.Index ? Tensor.From<long>(Indices(place)).Reshape(Shape) : Tensor.From<float>(Floats(place)).Reshape(Shape);
        if (Type is { } type) x = x.To(type);
        return Grad ? x.Detach().SetRequiresGrad() : x;
    }

    /// <summary>The peer's.</summary>
    public T Peer(int place)
    {
        // Its calls do not keep their arguments alive: what only they hold may be freed by a finalizer meanwhile.
        using T flat = Numbers == Numbers.Index ? torch.tensor(Indices(place)) : torch.tensor(Floats(place));
        using T shaped = flat.reshape(Shape);
        T x = shaped.clone();
        if (Type is { } type) x = x.to_type(Types[type]);
        return Grad ? x.requires_grad_() : x;
    }

    static readonly Dictionary<DType, torch.ScalarType> Types = new()
    {
        [DType.Bool] = torch.ScalarType.Bool, [DType.UInt8] = torch.ScalarType.Byte, [DType.Int8] = torch.ScalarType.Int8, [DType.Int16] = torch.ScalarType.Int16, [DType.Int32] = torch.ScalarType.Int32,
        [DType.Int64] = torch.ScalarType.Int64, [DType.Float16] = torch.ScalarType.Float16, [DType.BFloat16] = torch.ScalarType.BFloat16, [DType.Float32] = torch.ScalarType.Float32,
        [DType.Float64] = torch.ScalarType.Float64,
    };

    float[] Floats(int place)
    {
        var y = new float[Count];
        ulong state = (ulong)place * 1_000_003 + 17;
        for (long i = 0; i < y.LongLength; i++)
        {
            ulong r = Next(ref state);
            y[i] = Numbers == Numbers.Uniform ? ((r >> 40) + 0.5f) * (1f / (1 << 24))
                : ((r & 0xFFFF) + (r >> 16 & 0xFFFF) + (r >> 32 & 0xFFFF) + (r >> 48) - 131070f) * (1.7320508f / 65536);     // four uniform ones
        }
        return y;
    }

    long[] Indices(int place)
    {
        var y = new long[Count];
        ulong state = (ulong)place * 1_000_003 + 17;
        for (long i = 0; i < y.LongLength; i++) y[i] = (long)(Next(ref state) >> 33) % High;
        return y;
    }

    static ulong Next(ref ulong state)                                             // SplitMix64
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }
}

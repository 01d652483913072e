namespace Flambeau.Ops;

/// <summary>The shape and type rules that several operations share, with the messages for those who break them.</summary>
internal static class Shapes
{
    /// <summary>The shape that both expand to: aligned at the last axis, sizes equal or 1.</summary>
    public static Dims Broadcast(string op, Dims a, Dims b)
    {
        if (a == b) return a;
        int n = Math.Max(a.Length, b.Length);
        var y = new long[n];
        for (int i = 1; i <= n; i++)
        {
            long p = i <= a.Length ? a[^i] : 1, q = i <= b.Length ? b[^i] : 1;
            if (p != q && p != 1 && q != 1)
                throw new ArgumentException($"{op}: {a} and {b} do not broadcast: aligned at the last axis, sizes must be equal or 1, but here {p} meets {q}.");
            y[^i] = p == 1 ? q : p;
        }
        return new Dims(y);
    }

    /// <summary>The layout that all inputs expand to; shared with an input where it is already right.</summary>
    public static Layout Broadcast(string op, Args x)
    {
        Layout y = x[0].Layout;
        Dims shape = y.Shape;
        for (int i = 1; i < x.Length; i++)
        {
            Layout l = x[i].Layout;
            if (ReferenceEquals(l, y) || l.Rank == 0) continue;
            shape = Broadcast(op, shape, l.Shape);
        }
        foreach (Tensor t in x)
            if (t.Layout is { IsContiguous: true, Offset: 0 } l && l.Shape == shape && l.Count > 0) return l;
        return Layout.Contiguous(shape);
    }

    /// <summary>The type that the inputs of an elementwise operation convert to. Scalars, and more so C# numbers, only count where they are of a higher kind.</summary>
    public static DType ResultType(Args x)
    {
        DType? dims = null, scalars = null, numbers = null;
        foreach (Tensor t in x)
        {
            if (t.Rank > 0) dims = dims is { } d ? DType.Promote(d, t.DType) : t.DType;
            else if (!t.IsWrappedNumber) scalars = scalars is { } s ? DType.Promote(s, t.DType) : t.DType;
            else
            {
                DType n = t.DType.IsComplex ? Tensor.DefaultDType.Complex : t.DType.IsFloatingPoint ? Tensor.DefaultDType : t.DType;
                numbers = numbers is { } m ? DType.Promote(m, n) : n;
            }
        }
        return Combine(Combine(dims, scalars), numbers)!.Value;
    }

    static DType? Combine(DType? higher, DType? lower)
    {
        if (higher is not { } h) return lower;
        if (lower is not { } l || l.Category <= h.Category) return h;
        return h.IsFloatingPoint ? h.Complex : DType.Promote(h, l);
    }

    /// <summary>In which type an elementwise operation computes, given its inputs' common type.</summary>
    public static DType ComputeType(string op, Traits traits, DType common)
    {
        Traits has = common.Category switch { 0 => Traits.Bool, 1 => Traits.Integer, 2 => Traits.Float, _ => Traits.Complex };
        if ((traits & has) != 0) return common;
        if (has is Traits.Bool or Traits.Integer && (traits & Traits.Float) != 0 && (traits & Traits.Integer) == 0) return Tensor.DefaultDType;
        throw new ArgumentException($"{op} is not defined for {common} tensors; it takes {traits & Traits.All}. Convert with To(dtype) first.");
    }

    public static DType ResultType(Traits traits, DType compute) =>
        (traits & Traits.Predicate) != 0 ? DType.Bool : (traits & Traits.RealResult) != 0 ? compute.Real : compute;

    /// <summary>Where the result lies. What is combined with a tensor of the meta device lies there too: nothing can be computed.</summary>
    public static Device SameDevice(string op, Args x)
    {
        Device d = x[0].Device;
        foreach (Tensor t in x)
        {
            if (t.Device == d) continue;
            if (t.Device.IsMeta) return t.Device;
            if (t.Rank > 0 && !d.IsMeta) throw new ArgumentException($"{op}: one tensor is on {d}, another on {t.Device}. Bring them together with To(device).");
        }
        return d;
    }
}

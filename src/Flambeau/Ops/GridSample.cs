using System.Runtime.CompilerServices;
using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>How pixels around a place are combined.</summary>
internal enum GridMode { Bilinear, Nearest, Bicubic }

/// <summary>What lies beyond an image.</summary>
internal enum GridPadding { Zeros, Border, Reflection }

/// <summary>How an image is read at the places of a grid.</summary>
internal readonly record struct GridSampler(GridMode Mode, GridPadding Padding, bool Align)
{
    /// <summary>The axes of an image, from the slowest on; the grid names the fastest first.</summary>
    public GridAxis[] Axes(Dims image)
    {
        GridSampler by = this;
        return [.. image.Span[2..].ToArray().Select(n => new GridAxis(by, n))];
    }
}

/// <summary>One axis of an image of <paramref name="Size"/> pixels.</summary>
internal readonly record struct GridAxis(GridSampler By, long Size)
{
    /// <summary>How many pixels along the axis a place is made of.</summary>
    public int Taps => By.Mode switch { GridMode.Nearest => 1, GridMode.Bicubic => 4, _ => 2 };

    /// <summary>Pixel <paramref name="k"/> of the place u, of which −1 and 1 are the axis' ends; −1 if it lies outside. Its weight, and the derivative of the weight by u.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Tap<T>(T u, int k, out T weight, out T slope) where T : IReal<T>
    {
        T zero = T.Zero, one = T.One, size = T.Const(Size), last = T.Const(Size - 1.0);
        T isPlace = By.Padding == GridPadding.Reflection ? T.Less(T.Abs(u), T.Const(double.PositiveInfinity)) : T.Equal(u, u);
        u = T.Where(isPlace, u, -one);
        T at = By.Align ? (u + one) * (last * T.Const(0.5)) : ((u + one) * size - one) * T.Const(0.5);
        slope = T.Where(isPlace, (By.Align ? last : size) * T.Const(0.5), zero);
        T pixel;
        if (By.Mode == GridMode.Bicubic)
        {
            T low = T.Floor(at), t = at - low, away = k < 2 ? t : one - t, ignored = zero;
            pixel = T.Round(Within(low + T.Const(k - 1), ref ignored));
            // R. Keys (1981) with a = −3/4, at the distances 1 + t, t, 1 − t, 2 − t.
            if (k is 1 or 2)
            {
                weight = (T.Const(1.25) * away - T.Const(2.25)) * away * away + one;
                slope *= (T.Const(3.75) * away - T.Const(4.5)) * away;
            }
            else
            {
                away += one;
                weight = ((T.Const(-0.75) * away + T.Const(3.75)) * away - T.Const(6)) * away + T.Const(3);
                slope *= (T.Const(-2.25) * away + T.Const(7.5)) * away - T.Const(6);
            }
            if (k >= 2) slope = -slope;
        }
        else
        {
            at = Within(at, ref slope);
            if (By.Mode == GridMode.Nearest)
            {
                pixel = T.Round(at);
                weight = at * zero + one;
                slope = zero;
            }
            else
            {
                T low = T.Floor(at), t = at - low;
                pixel = k == 0 ? low : low + one;
                weight = k == 0 ? one - t : t;
                if (k == 0) slope = -slope;
            }
        }
        T inside = T.And(T.LessEqual(zero, pixel), T.LessEqual(pixel, last));
        weight = T.Where(inside, weight, zero);
        slope = T.Where(inside, slope, zero);
        return T.Where(inside, pixel, -one);
    }

    // Coordinates beyond the image as the padding has it. Where the border holds a coordinate, it has no slope.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    T Within<T>(T at, ref T slope) where T : IReal<T>
    {
        T zero = T.Zero, last = T.Const(Size - 1.0);
        if (By.Padding != GridPadding.Border)
        {
            T finite = T.Less(T.Abs(at), T.Const(double.PositiveInfinity));
            at = T.Where(finite, at, T.Const(-100));                           // outside, so that it reads zeros
            slope = T.Where(finite, slope, zero);
        }
        if (By.Padding == GridPadding.Zeros) return at;
        if (By.Padding == GridPadding.Reflection)
        {
            double first = By.Align ? 0 : -0.5, reach = By.Align ? Size - 1 : Size;
            if (reach == 0)
            {
                slope = zero;
                return at * zero;
            }
            T low = T.Const(first), span = T.Const(reach), away = at - low, before = T.Less(away, zero), far = T.Where(before, -away, away);
            T turns = T.Floor(far / span), extra = far - turns * span, half = turns * T.Const(0.5), isEven = T.Equal(T.Floor(half), half);
            at = T.Where(isEven, extra + low, span + low - extra);
            slope = T.Where(before, -slope, slope);
            slope = T.Where(isEven, slope, -slope);
        }
        T isAfter = T.Less(zero, at), isBefore = T.Less(at, last);
        slope = T.Where(T.And(isAfter, isBefore), slope, zero);
        return T.Where(isBefore, T.Where(isAfter, at, zero), last);
    }
}

/// <summary>An image, (N, C, [D,] H, W), read at the places of a grid, (N, [D′,] H′, W′, axes). Inputs: both. Where derivatives are differentiated, a composition serves.</summary>
internal sealed record GridSample(GridSampler By) : Op
{
    protected internal override TensorSpec Infer(Args x)
    {
        Dims image = x[0].Shape, grid = x[1].Shape;
        int axes = image.Length - 2;
        if (axes is not (2 or 3) || grid.Length != image.Length || grid[0] != image[0] || grid[^1] != axes)
            throw new ArgumentException($"GridSample: an input of shape {image} and a grid of shape {grid} do not fit: they are (N, C, H, W) and (N, H′, W′, 2), or (N, C, D, H, W) and (N, D′, H′, W′, 3).");
        if (!x[0].DType.IsFloatingPoint || x[1].DType != x[0].DType) throw new ArgumentException($"GridSample: the input is {x[0].DType}, the grid {x[1].DType}; they must be of one floating-point type.");
        if (image[2..].Count == 0) throw new ArgumentException($"GridSample: the input of shape {image} has no pixels.");
        if (By.Mode == GridMode.Bicubic && axes == 3) throw new ArgumentException($"GridSample: \"bicubic\" is for images; volumes of shape {image} take \"bilinear\" or \"nearest\".");
        return new(new Dims([.. image.Span[..2], .. grid.Span[1..^1]]), x[0].DType, Shapes.SameDevice("GridSample", x));
    }

    protected internal override void Run(Backend d, Args x, Tensor y) => d.GridSample(x[0].MakeContiguous(), x[1].MakeContiguous(), By.Axes(x[0].Shape), y);

    protected internal override Tensor?[] Backward(Tensor g, Node n)
    {
        Tensor x = n.Input(0), grid = n.Input(1);
        if (Autograd.IsComposing) return Func.Vjp<Tensor[], Tensor>(Compose, [x, grid]).Vjp(g);
        return [n.Needs(0) ? Apply(new GridSampleInputBackward(By, x.Shape), g, grid) : null, n.Needs(1) ? Apply(new GridSampleGridBackward(By), g, x, grid) : null];
    }

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y)
    {
        if (t[1] is not { } along) return Apply(this, t[0]!, x[1]);             // linear in the image
        return Func.Jvp<Tensor[], Tensor>(Compose, x.ToArray(), [t[0] ?? Tensor.ZerosLike(x[0]), along]).Jvp;
    }

    protected internal override Tensor Batch(in Batched b)
    {
        Tensor y = Apply(this, b.Full(0).Flatten(0, 1), b.Full(1).Flatten(0, 1));
        return y.Reshape([b.Size, b.Shape(0)[0], .. y.Shape.Span[1..]]);
    }

    /// <summary>The same of public operations.</summary>
    internal Tensor Compose(Tensor[] x)
    {
        (Tensor input, Tensor grid) = (x[0], x[1]);
        GridAxis[] axes = By.Axes(input.Shape);
        Dims points = grid.Shape[1..^1];
        IEnumerable<(Tensor Index, Tensor Weight)> taps = [];
        for (int d = 0; d < axes.Length; d++)
        {
            (GridAxis axis, var slow) = (axes[d], taps);
            Tensor u = grid.Select(-1, axes.Length - 1 - d).Reshape(input.Shape[0], points.Count);
            (Tensor Index, Tensor Weight)[] own = [.. Enumerable.Range(0, axis.Taps).Select(k => (axis.Tap(u, k, out Tensor weight, out _).Detach().Clamp(min: 0).Long(), weight))];
            taps = d == 0 ? own : slow.SelectMany(_ => own, (a, b) => (a.Index * axis.Size + b.Index, a.Weight * b.Weight)).ToArray();
        }
        Tensor image = input.Reshape(input.Shape[0], input.Shape[1], input.Shape[2..].Count);
        Tensor? y = null;
        foreach ((Tensor index, Tensor weight) in taps)
            y = Plus(y, image.Gather(2, index.Unsqueeze(1).Expand(image.Shape[0], image.Shape[1], points.Count)) * weight.Unsqueeze(1));
        return y!.Reshape([.. input.Shape.Span[..2], .. points.Span]);
    }
}

/// <summary>The gradient of <see cref="GridSample"/>'s image, of the shape <paramref name="Image"/>. Inputs: the result's gradient and the grid.</summary>
internal sealed record GridSampleInputBackward(GridSampler By, Dims Image) : Op
{
    protected internal override bool IsDifferentiable => false;

    protected internal override TensorSpec Infer(Args x) => new(Image, x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) => d.GridSampleInput(x[0].MakeContiguous(), x[1].MakeContiguous(), By.Axes(Image), y);
}

/// <summary>The gradient of <see cref="GridSample"/>'s grid. Inputs: the result's gradient, the image and the grid.</summary>
internal sealed record GridSampleGridBackward(GridSampler By) : Op
{
    protected internal override bool IsDifferentiable => false;

    protected internal override TensorSpec Infer(Args x) => new(x[2].Shape, x[0].DType, x[0].Device);

    protected internal override void Run(Backend d, Args x, Tensor y) =>
        d.GridSampleGrid(x[0].MakeContiguous(), x[1].MakeContiguous(), x[2].MakeContiguous(), By.Axes(x[1].Shape), y);
}

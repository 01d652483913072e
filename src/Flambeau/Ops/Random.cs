using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>
/// Random numbers in place of whatever a tensor held. Drawn on the host from PyTorch's stream, whichever backend the tensor is on; numbers
/// narrower than the stream's own are drawn in <see cref="Working"/> and rounded.
/// </summary>
internal abstract unsafe record RandomFill(Generator Generator) : Op
{
    protected internal sealed override bool TakesLowPrecision => true;

    protected internal sealed override bool AllowsAliasing => true;

    protected internal override TensorSpec Infer(Args x) => new(x[0].Shape, x[0].DType, x[0].Device);

    protected internal sealed override Saved Saves(uint needs) => Saved.None;

    protected internal sealed override Tensor?[] Backward(Tensor g, Node n) => [Tensor.ZerosLike(g)];

    protected internal sealed override void Run(Backend d, Args x, Tensor y)
    {
        if (y.Count == 0) return;
        DType working = Working(y.DType);
        Tensor t = y.IsContiguous && y.DType == working ? y : Tensor.Empty(new TensorSpec(y.Shape, working));
        fixed (byte* p = t.Storage) Draw(p + t.Layout.Offset * working.ItemSize, t.Count, y);
        if (!ReferenceEquals(t, y)) d.Copy(t, y);
    }

    /// <summary>In which type numbers for a tensor of this type are drawn.</summary>
    protected virtual DType Working(DType target) => target is DType.Float64 ? DType.Float64 : target.IsComplex ? target : DType.Float32;

    /// <summary>Draws <paramref name="count"/> numbers of the working type for <paramref name="target"/>.</summary>
    protected abstract void Draw(byte* to, long count, Tensor target);

    protected static void RequireFloat(string op, DType t)
    {
        if (!t.IsDifferentiable) throw new ArgumentException($"{op} fills floating-point tensors, not {t} ones.");
    }

    protected internal override Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => null;

    protected internal override Tensor Batch(in Batched b)
    {
        Tensor y = Tensor.EmptyLike(b[0]);
        return ApplyInPlace(this, y, y);
    }
}

/// <summary>Uniform on [From, To).</summary>
internal sealed unsafe record UniformFill(double From, double To, Generator Generator) : RandomFill(Generator)
{
    public override string Name => "uniform";

    protected internal override TensorSpec Infer(Args x)
    {
        RequireFloat("Uniform", x[0].DType);
        if (!(From <= To) || double.IsInfinity(To - From)) throw new ArgumentException($"Uniform: [{From}, {To}) is no interval.");
        return base.Infer(x);
    }

    protected override void Draw(byte* to, long count, Tensor target)
    {
        switch (target.DType)
        {
            case DType.Float64: Generator.Uniform((double*)to, count, From, To); break;
            case DType.Complex128: Generator.Uniform((double*)to, 2 * count, From, To); break;
            case DType.Complex64: Generator.Uniform<AsSingle>((float*)to, 2 * count, From, To); break;
            case DType.Float16: Generator.Uniform<AsHalf>((float*)to, count, From, To); break;
            case DType.BFloat16: Generator.Uniform<AsBFloat16>((float*)to, count, From, To); break;
            default: Generator.Uniform<AsSingle>((float*)to, count, From, To); break;
        }
    }
}

/// <summary>Normal with mean and standard deviation; of complex numbers, the variance is shared by both parts.</summary>
internal sealed unsafe record NormalFill(double Mean, double Std, Generator Generator) : RandomFill(Generator)
{
    public override string Name => "normal";

    protected internal override TensorSpec Infer(Args x)
    {
        RequireFloat("Normal", x[0].DType);
        if (!(Std >= 0)) throw new ArgumentException($"Normal: a standard deviation of {Std} is none.");
        return base.Infer(x);
    }

    protected override void Draw(byte* to, long count, Tensor target)
    {
        double part = Std / Math.Sqrt(2);
        switch (target.DType)
        {
            case DType.Float64 when target.IsContiguous: Generator.Normal((double*)to, count, Mean, Std); break;
            case DType.Float64: Generator.NormalByOne((double*)to, count, Mean, Std); break;
            case DType.Complex128: Generator.Normal((double*)to, 2 * count, Mean, part); break;
            case DType.Complex64: Generator.Normal<AsSingle>((float*)to, 2 * count, Mean, part); break;
            case DType.Float16: Generator.Normal<AsHalf>((float*)to, count, Mean, Std); break;
            case DType.BFloat16: Generator.Normal<AsBFloat16>((float*)to, count, Mean, Std); break;
            case DType.Float32 when !target.IsContiguous: Generator.NormalByOne((float*)to, count, Mean, Std); break;
            default: Generator.Normal<AsSingle>((float*)to, count, Mean, Std); break;
        }
    }
}

/// <summary>Whole numbers, uniform on [Low, High).</summary>
internal sealed unsafe record IntegerFill(long Low, long High, Generator Generator) : RandomFill(Generator)
{
    public override string Name => "random";

    protected internal override TensorSpec Infer(Args x)
    {
        if (Low >= High) throw new ArgumentException($"RandInt: [{Low}, {High}) has no whole number in it.");
        if (x[0].DType.IsComplex) throw new ArgumentException("RandInt: complex tensors hold no whole numbers.");
        return base.Infer(x);
    }

    protected override DType Working(DType target) => DType.Int64;

    protected override void Draw(byte* to, long count, Tensor target)
    {
        bool isWide = target.DType is DType.Int64 or DType.Float64 or DType.Float32 or DType.BFloat16;
        Generator.RandomFromTo((long*)to, count, Low, unchecked((ulong)High - (ulong)Low), isWide);
    }
}

/// <summary>1 with probability P, else 0.</summary>
internal sealed unsafe record BernoulliFill(double P, Generator Generator) : RandomFill(Generator)
{
    public override string Name => "bernoulli";

    protected internal override TensorSpec Infer(Args x)
    {
        if (!(P is >= 0 and <= 1)) throw new ArgumentException($"Bernoulli: a probability of {P} does not lie in [0, 1].");
        return base.Infer(x);
    }

    protected override DType Working(DType target) => target is DType.Bool ? DType.Bool : target is DType.Float64 ? DType.Float64 : DType.Float32;

    protected override void Draw(byte* to, long count, Tensor target)
    {
        switch (Working(target.DType))
        {
            case DType.Bool: Generator.Bernoulli(to, count, P); break;
            case DType.Float64: Generator.Bernoulli((double*)to, count, P); break;
            default: Generator.Bernoulli((float*)to, count, P); break;
        }
    }
}

/// <summary>The continuous distributions that only fill: exponential, Cauchy, log-normal, geometric.</summary>
internal sealed unsafe record ContinuousFill(ContinuousKind Kind, double A, double B, Generator Generator) : RandomFill(Generator)
{
    public override string Name => Kind.ToString().ToLowerInvariant();

    protected override void Draw(byte* to, long count, Tensor target)
    {
        if (Working(target.DType) == DType.Float64) Draw((double*)to, count);
        else Draw((float*)to, count);
    }

    void Draw<T>(T* to, long count) where T : unmanaged, System.Numerics.INumberBase<T>
    {
        switch (Kind)
        {
            case ContinuousKind.Exponential: Generator.Exponential(to, count, A); break;
            case ContinuousKind.Cauchy: Generator.Cauchy(to, count, A, B); break;
            case ContinuousKind.LogNormal: Generator.LogNormal(to, count, A, B); break;
            default: Generator.Geometric(to, count, A); break;
        }
    }
}

internal enum ContinuousKind { Exponential, Cauchy, LogNormal, Geometric }

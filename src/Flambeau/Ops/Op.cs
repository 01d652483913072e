using System.Text.Json;
using Flambeau.Backends;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>
/// An operation: shape rule, computation and derivative in one record. Its equality is what makes two applications the same
/// computation, its text is a line of a graph listing. Every operation, whoever asks for it, passes through <see cref="Apply"/>.
/// </summary>
public abstract record Op
{
    /// <summary>PyTorch's name: <c>max_pool2d</c>.</summary>
    public virtual string Name => JsonNamingPolicy.SnakeCaseLower.ConvertName(GetType().Name);

    /// <summary>Shape, type and device of the result. Here wrong arguments are refused, before anything is computed.</summary>
    protected internal abstract TensorSpec Infer(Args x);

    /// <summary>Computes the result into <paramref name="y"/>, which has the inferred shape and type.</summary>
    protected internal abstract void Run(Backend d, Args x, Tensor y);

    /// <summary>The gradients of the inputs, from that of the result, by public tensor operations only. Null where there is none or none is needed.</summary>
    protected internal virtual Tensor?[] Backward(Tensor g, Node n) => throw new NotSupportedException($"{Name} has no derivative.");

    /// <summary>As <see cref="Backward"/>, for operations with several results; null stands for the gradient of a result that nothing used.</summary>
    protected internal virtual Tensor?[] BackwardAll(Tensor?[] g, Node n) => Backward(g[0]!, n);

    /// <summary>Whether results require a gradient when inputs do.</summary>
    protected internal virtual bool IsDifferentiable => true;

    /// <summary>Which inputs and results <see cref="Backward"/> will ask the node for, if the inputs of the mask <paramref name="needs"/> want gradients.</summary>
    protected internal virtual Saved Saves(uint needs) => Saved.Inputs;

    /// <summary>Whether the kernels take float16 and bfloat16. Where not, inputs are widened to float32 and the result is rounded.</summary>
    protected internal virtual bool TakesLowPrecision => false;

    /// <summary>Whether the kernels may write over an input of the same layout.</summary>
    protected internal virtual bool AllowsAliasing => false;

    /// <summary>How many products are added up to compute the results: what matrix products, convolutions and attention cost. 0 for whatever is not made of these.</summary>
    protected internal virtual long MultiplyAdds(Args x, ReadOnlySpan<Tensor> y) => 0;

    /// <summary>
    /// Forward mode: the tangent of the result, from the inputs, their tangents (null for 0) and the result; null if it is 0. By public tensor
    /// operations only; broadcasting and promotion are brought in afterwards. Unless stated, it follows from <see cref="Backward"/>.
    /// </summary>
    protected internal virtual Tensor? Jvp(Args x, Tensor?[] t, Tensor y) => Forward.ByDoubleBackward(own => [Apply(this, own)], x, t)[0];

    /// <summary>As <see cref="Jvp"/>, for operations with several results.</summary>
    protected internal virtual Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y) => [Jvp(x, t, y[0])];

    /// <summary>The operation on many examples at once: the results of all, along axis 0. Unless stated, one after the other.</summary>
    protected internal virtual Tensor Batch(in Batched b) => b.Loop(this)[0];

    /// <summary>Told of every operation that this thread applies.</summary>
    internal static Action<Op>? Observer { get => Modes.Current?.Observer; set => Modes.Set(Modes.Here with { Observer = value }); }

    /// <summary>The waist: applies an operation with one result.</summary>
    public static Tensor Apply(Op op, params Args inputs)
    {
        if (Tensor.HasSubstitutes) inputs = Resolve(inputs);
        Transform? by = null;
        Tensor y = Modes.Current is { } modes ? modes.Carry(op, ref inputs, out by)[0] : op.Execute(inputs);
        if (op.IsDifferentiable && Records(inputs, by) && y.DType.IsDifferentiable)
        {
            Node n = new(op, inputs, 1, by);
            n.Attach(0, y);
        }
        KeepAlive(inputs);
        return y;
    }

    /// <summary>The waist for operations with several results.</summary>
    public static Tensor[] ApplyAll(MultiOp op, params Args inputs)
    {
        if (Tensor.HasSubstitutes) inputs = Resolve(inputs);
        Transform? by = null;
        Tensor[] ys = Modes.Current is { } modes ? modes.Carry(op, ref inputs, out by) : op.ExecuteAll(inputs);
        if (op.IsDifferentiable && Records(inputs, by))
        {
            Node n = new(op, inputs, ys.Length, by);
            for (int i = 0; i < ys.Length; i++) n.Attach(i, ys[i], isDifferentiable: ys[i].DType.IsDifferentiable && op.IsResultDifferentiable(i));
        }
        KeepAlive(inputs);
        return ys;
    }

    /// <summary>The waist for results that are there already: those of <see cref="Autograd.Function"/>.</summary>
    internal static Tensor[] Record(Op op, Tensor[] inputs, Tensor[] results, Func<Tensor, bool> isDifferentiable)
    {
        Transform? by = Modes.Current?.Enter(op, inputs);
        if (!Records(inputs, by)) return results;
        Node n = new(op, inputs, results.Length, by);
        for (int i = 0; i < results.Length; i++) n.Attach(i, results[i], isDifferentiable: results[i].DType.IsDifferentiable && isDifferentiable(results[i]));
        return results;
    }

    /// <summary>The waist for in-place forms: the result goes where <paramref name="self"/>, one of the inputs, lies.</summary>
    /// <exception cref="ArgumentException">The result has another shape or does not fit self's type, or self is expanded.</exception>
    /// <exception cref="InvalidOperationException">Self is a leaf that requires grad.</exception>
    public static Tensor ApplyInPlace(Op op, Tensor self, params Args inputs) => Overwrite(op, self, "in place", inputs);

    /// <summary>The waist for <c>into:</c> forms, PyTorch's <c>out=</c>: the result goes into a tensor that is there already, and nothing is recorded.</summary>
    /// <exception cref="ArgumentException">The result has another shape or does not fit the tensor's type, or the tensor is expanded.</exception>
    /// <exception cref="InvalidOperationException">An input or the tensor requires grad, while gradients are recorded.</exception>
    public static Tensor ApplyInto(Op op, Tensor into, params Args inputs)
    {
        if (Autograd.IsGradEnabledAt(Transform.Current?.Depth ?? 0))
        {
            bool wants = into.RequiresGrad;
            foreach (Tensor x in inputs) wants |= x.RequiresGrad;
            if (wants)
                throw new InvalidOperationException($"{op.Name} into a tensor: no gradient flows through what is written so, and one of the tensors requires one. Do it under Autograd.NoGrad(), detach them, or use the form that returns a new tensor.");
        }
        return Overwrite(op, into, "into a tensor", inputs);
    }

    static Tensor Overwrite(Op op, Tensor self, string how, Args inputs)
    {
        if (Tensor.HasSubstitutes && self.Substitute is null) inputs = Resolve(inputs);
        if (op is RandomFill) Modes.Current?.BeforeDraw(op, self);
        Transform? by = Modes.Current?.Enter(op, inputs);
        TensorSpec spec = op.Infer(inputs);
        if (spec.Shape != self.Shape)
            throw new ArgumentException($"{op.Name} {how}: the result has shape {spec.Shape}, the tensor it is to replace {self.Shape}. Use the form that returns a new tensor.");
        if (spec.DType.Category > self.DType.Category)
            throw new ArgumentException($"{op.Name} {how}: the result is {spec.DType} and does not fit a {self.DType} tensor. Convert the tensor first, or use the form that returns a new one.");
        self.CheckWritable(op.Name, how);

        bool records = op.IsDifferentiable && self.DType.IsDifferentiable && Records(inputs, by);
        if (Autograd.IsGradEnabledAt(by?.Depth ?? 0) && (records || self.RequiresGrad || self.BaseRequiresGrad)) self.CheckInPlaceAllowed(op.Name);
        if (by is not null && !by.Owns(self)) by.Adopt(self, op.Name);
        Node? n = records ? new Node(op, inputs, 1, by, overwritten: self) : null;

        Modes.Current?.SavedTensors?.BeforeChange(self.Storage);
        if (by is not null) by.Write(self, by.Apply(op, inputs)[0], op.Name);
        else if (Modes.Current is null) Write(op, inputs, spec, self);
        else Watcher.Write(op, inputs, spec, self);
        self.Storage.BumpVersion(op, how);
        KeepAlive(inputs);
        if (n is not null) self.Rebase(n);
        return self;
    }

    /// <summary>Computes without recording, over what <paramref name="self"/> holds.</summary>
    internal static void Write(Op op, Args inputs, TensorSpec spec, Tensor self)
    {
        if (self.Device.IsMeta) return;
        Held held = Held.Begin();
        try
        {
            if (spec.DType == self.DType && op.CanWrite(self, inputs)) op.Run(Backend.For(spec.Device), inputs, self);
            else
            {
                using Tensor t = op.Execute(inputs);
                Backend.For(spec.Device).Copy(t, self);
            }
        }
        finally { held.End(); }
    }

    /// <summary>Whether the kernel may write where <paramref name="self"/> lies: over inputs and with any strides, or, as into a fresh tensor, apart from all inputs and row by row.</summary>
    bool CanWrite(Tensor self, Args inputs)
    {
        if (AllowsAliasing) return !Overlaps(self, inputs);
        if (!self.IsContiguous || self.DType.IsLowPrecision && !TakesLowPrecision) return false;
        foreach (Tensor x in inputs)
            if (ReferenceEquals(x.Storage, self.Storage) || x.DType.IsLowPrecision && !TakesLowPrecision) return false;
        return true;
    }

    /// <summary>What changed the storage last, in words; null if nothing did.</summary>
    internal static string? LastChange(Storage s) => s.LastChange is var (by, how) ? by is Op op ? $"{op.Name} {how}" : by.ToString() : null;

    /// <summary>Puts what is computed in the place of parameters that are computed from others.</summary>
    static Args Resolve(Args inputs)
    {
        foreach (Tensor x in inputs) if (x.Substitute is not null) return Substituted(inputs);
        return inputs;
    }

    static Tensor[] Substituted(Args inputs)
    {
        Tensor[] y = inputs.ToArray();
        for (int i = 0; i < y.Length; i++) if (y[i].Substitute is { } compute) y[i] = compute();
        return y;
    }

    /// <summary>Drops what the operation itself keeps for the backward pass, besides its node; answers whether there was anything.</summary>
    internal virtual bool Release() => false;

    /// <summary>a + b, of which either may be 0.</summary>
    private protected static Tensor? Plus(Tensor? a, Tensor? b) => a is null ? b : b is null ? a : a + b;

    /// <summary>Computes without recording.</summary>
    internal virtual Tensor Execute(Args inputs)
    {
        TensorSpec spec = Infer(inputs);
        if (IsMeta(spec, inputs)) return Tensor.Empty(spec with { Device = Device.Meta });
        Held held = Held.Begin();
        try
        {
            Tensor y = Tensor.Empty(spec);
            Backend d = Backend.For(spec.Device);
            if (!TakesLowPrecision && Widen(inputs, out var wide))
            {
                using Tensor t = spec.DType.IsLowPrecision ? Tensor.Empty(spec with { DType = DType.Float32 }) : y;
                Run(d, wide, t);
                if (!ReferenceEquals(t, y)) d.Copy(t, y);
            }
            else Run(d, inputs, y);
            return y;
        }
        finally { held.End(); }
    }

    internal static bool Widen(Args inputs, out Tensor[] wide)
    {
        wide = null!;
        foreach (Tensor x in inputs)
            if (x.DType.IsLowPrecision)
            {
                wide = inputs.ToArray();
                for (int i = 0; i < wide.Length; i++) if (wide[i].DType.IsLowPrecision) wide[i] = wide[i].CastTo(DType.Float32);
                return true;
            }
        return false;
    }

    /// <summary>Whether there is nothing to compute, because a tensor has no numbers.</summary>
    private protected static bool IsMeta(in TensorSpec spec, Args inputs)
    {
        if (!Storage.AnyMeta) return false;
        if (spec.Device.IsMeta) return true;
        foreach (Tensor x in inputs) if (x.Device.IsMeta) return true;
        return false;
    }

    /// <summary>Whether the tape notes an application: recording is on at its depth, and an input of this depth requires grad.</summary>
    internal static bool Records(Args inputs, Transform? by)
    {
        if (!Autograd.IsGradEnabledAt(by?.Depth ?? 0)) return false;
        foreach (Tensor x in inputs) if (x.RequiresGrad && (by is null || by.Owns(x))) return true;
        return false;
    }

    /// <summary>Whether an input shares memory with <paramref name="self"/> in another arrangement.</summary>
    static bool Overlaps(Tensor self, Args inputs)
    {
        foreach (Tensor x in inputs)
        {
            if (!ReferenceEquals(x.Storage, self.Storage) || ReferenceEquals(x.Layout, self.Layout)) continue;
            if (x.Shape == self.Shape && x.Layout.Offset == self.Layout.Offset && x.Layout.Strides.SequenceEqual(self.Layout.Strides) && x.DType == self.DType) continue;
            return true;
        }
        return false;
    }

    /// <summary>Kernels see pointers; this is what keeps their inputs alive until they are done. What they rent beside, <see cref="Held"/> keeps.</summary>
    static void KeepAlive(Args inputs)
    {
        foreach (Tensor x in inputs) GC.KeepAlive(x);
    }
}

/// <summary>An operation with several results: values and indices, or a result and what its derivative needs.</summary>
public abstract record MultiOp : Op
{
    /// <summary>As <see cref="Op.Infer"/>, for each result.</summary>
    protected internal abstract TensorSpec[] InferAll(Args x);

    /// <summary>As <see cref="Op.Run"/>, for all results.</summary>
    protected internal abstract void RunAll(Backend d, Args x, Tensor[] y);

    /// <summary>Whether result <paramref name="i"/>, which is floating point, carries a gradient.</summary>
    protected internal virtual bool IsResultDifferentiable(int i) => true;

    /// <inheritdoc/>
    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y) => Forward.ByDoubleBackward(own => ApplyAll(this, own), x, t);

    /// <summary>As <see cref="Op.Batch"/>, for all results.</summary>
    protected internal virtual Tensor[] BatchAll(in Batched b) => b.Loop(this);

    /// <inheritdoc/>
    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n) => throw new NotSupportedException($"{Name} has no derivative.");

    /// <inheritdoc/>
    protected internal sealed override TensorSpec Infer(Args x) => InferAll(x)[0];

    /// <inheritdoc/>
    protected internal sealed override void Run(Backend d, Args x, Tensor y) => throw new NotSupportedException($"{Name} has several results.");

    internal Tensor[] ExecuteAll(Args inputs)
    {
        TensorSpec[] specs = InferAll(inputs);
        if (IsMeta(specs[0], inputs)) return Array.ConvertAll(specs, s => Tensor.Empty(s with { Device = Device.Meta }));
        Held held = Held.Begin();
        try
        {
            bool widened = Widen(inputs, out var wide) && !TakesLowPrecision;
            var ys = new Tensor[specs.Length];
            for (int i = 0; i < ys.Length; i++) ys[i] = Tensor.Empty(widened && specs[i].DType.IsLowPrecision ? specs[i] with { DType = DType.Float32 } : specs[i]);
            RunAll(Backend.For(specs[0].Device), widened ? wide : inputs, ys);
            if (widened) for (int i = 0; i < ys.Length; i++) ys[i] = ys[i].CastTo(specs[i].DType);
            return ys;
        }
        finally { held.End(); }
    }
}

/// <summary>What a node keeps for its backward pass, as bit masks.</summary>
/// <param name="InputMask">Bit i: input i.</param>
/// <param name="OutputMask">Bit i: result i.</param>
public readonly record struct Saved(uint InputMask, uint OutputMask)
{
    /// <summary>Nothing: shapes and types are known anyway.</summary>
    public static Saved None => default;

    /// <summary>All inputs.</summary>
    public static Saved Inputs => new(~0u, 0);

    /// <summary>All results.</summary>
    public static Saved Outputs => new(0, ~0u);

    /// <summary>Both.</summary>
    public static Saved operator |(Saved a, Saved b) => new(a.InputMask | b.InputMask, a.OutputMask | b.OutputMask);
}

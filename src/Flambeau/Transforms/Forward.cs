using Flambeau.Ops;

namespace Flambeau.Transforms;

/// <summary>
/// Forward-mode differentiation: beside each tensor goes its derivative along one direction, the tangent. Each operation says by
/// <see cref="Op.Jvp"/> how it carries tangents on.
/// </summary>
internal sealed class Forward : Transform
{
    /// <summary>Tensors from outside that values with tangents were written into.</summary>
    public List<Tensor> Adopted { get; } = [];

    public override string Name => "Jvp";

    /// <summary>A tensor with its tangent.</summary>
    public Tensor Dual(Tensor value, Tensor? tangent) => Tensor.Lifted(new Lift(this, value) { Tangent = tangent }, value.Storage, value.Layout);

    public override string Text(Tensor x, Lift lift) => Tangent(x) is { } t ? $"DualTensor(lvl={Depth}, value={lift.Value}, tangent={t})" : lift.Value.ToString();

    public override Tensor Constant(Tensor value) => Dual(value, null);

    public override Tensor Again(Tensor x) => Dual(Behind(x), Tangent(x));

    /// <summary>The tangent of a tensor; null for 0.</summary>
    public Tensor? Tangent(Tensor x)
    {
        if (!Owns(x)) return null;
        Lift l = x.Lift!;
        // What was written into the tensor that this one is a view of shows through the view.
        if (x.ViewPath(out Tensor root) is { } path && Owns(root) && !ReferenceEquals(root.Lift!.Tangent, l.TangentOfRoot))
        {
            Tensor t = l.TangentOfRoot = root.Lift.Tangent!;
            foreach (ViewOp v in path) t = v.Jvp([t], [t], t)!;                // as tangents go, which may lie otherwise
            l.Tangent = t;
        }
        return l.Tangent;
    }

    public override void Viewed(Tensor y)
    {
        y.ViewPath(out Tensor root);
        if (Owns(root)) y.Lift!.TangentOfRoot = root.Lift!.Tangent;
    }

    protected override Tensor[] Carry(Op op, Args inputs)
    {
        Tensor[] x = Behind(inputs);
        var t = new Tensor?[x.Length];
        bool any = false;
        for (int i = 0; i < t.Length; i++) any |= (t[i] = Tangent(inputs[i])) is not null;
        Tensor[] y = Below(op, x);
        Tensor?[] dy = any && op.IsDifferentiable ? op.JvpAll(x, t, y) : new Tensor?[y.Length];
        var duals = new Tensor[y.Length];
        for (int i = 0; i < duals.Length; i++) duals[i] = Dual(y[i], y[i].DType.IsDifferentiable && dy[i] is { } d ? Fit(d, y[i]) : null);
        return duals;
    }

    static Tensor Fit(Tensor t, Tensor y)
    {
        if (t.Shape != y.Shape) t = t.Expand(y.Shape);
        if (t.DType == y.DType) return t;
        return (t.DType.IsComplex && !y.DType.IsComplex ? t.Real() : t).To(y.DType);
    }

    public override void Adopt(Tensor self, string op)
    {
        if (self.IsLeaf && self.RequiresGrad)
            throw new InvalidOperationException($"{op} in place: a leaf that requires grad cannot take over values that carry a tangent. Use the form that returns a new tensor.");
        self.MoveBehind(this, Adopted);
    }

    public override void Write(Tensor self, Tensor y, string op)
    {
        using var _ = Step();
        self.Lift!.Value.CopyInPlace(y.Lift!.Value);
        Tensor? t = y.Lift.Tangent;
        if (t is null && Tangent(self) is null) return;
        if (self.ViewPath(out Tensor root) is not { } path)
        {
            self.Lift.Tangent = t;
            return;
        }
        // The root's tangent with the view's part of it replaced. Tangents themselves are never changed: somebody may have kept them.
        Tensor all = root.Lift!.Tangent?.Clone() ?? Tensor.ZerosLike(root.Lift.Value), part = all;
        foreach (ViewOp v in path) part = Op.Apply(v, part);
        if (t is null) part.ZeroInPlace();
        else part.CopyInPlace(t);
        root.Lift.Tangent = all;
    }

    public override void Dispose()
    {
        base.Dispose();
        foreach (Tensor t in Adopted) t.MoveBack();
    }

    /// <summary>
    /// The tangents where an operation states no rule: the vector–Jacobian product is linear in its vector u, and its derivative with respect to u,
    /// applied to the tangents, is the Jacobian times them.
    /// </summary>
    public static Tensor?[] ByDoubleBackward(Func<Tensor[], Tensor[]> apply, Args x, Tensor?[] t)
    {
        Tensor[] own = x.ToArray();
        List<Tensor> leaves = [], directions = [];
        for (int i = 0; i < own.Length; i++)
        {
            if (t[i] is null) continue;
            leaves.Add(own[i] = Func.Leaf(own[i]));
            directions.Add(t[i]!.DType == own[i].DType ? t[i]! : t[i]!.To(own[i].DType));
        }
        Tensor[] y;
        using (Autograd.EnableGradAt(Func.Depth)) y = apply(own);
        return Func.PushForward(leaves, y)([.. directions]);
    }
}

using System.Numerics;
using Flambeau.Backends;
using Flambeau.Backends.Dense;
using Flambeau.Transforms;

namespace Flambeau.Ops;

/// <summary>A → Q, R; <c>Complete</c>: Q is square.</summary>
internal sealed record Qr(bool Complete) : DenseOp
{
    protected internal override TensorSpec[] InferAll(Args x)
    {
        long m = x[0].Shape[^2], n = x[0].Shape[^1], q = Complete ? m : Math.Min(m, n);
        return [Spec(x[0], x[0].DType, m, q), Spec(x[0], x[0].DType, q, n)];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) => DenseBatch.Run(new QrKernel(x[0].Shape[^2], x[0].Shape[^1], y[0].Shape[^1]), Batch(x[0]), x, y);

    protected internal override Saved Saves(uint needs) => Saved.Outputs;

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Tensor q = n.Output(0), r = n.Output(1);
        long rows = q.Shape[^2], columns = r.Shape[^1], k = r.Shape[^2];
        if (Complete && rows > columns) throw new NotSupportedException("linalg.qr: with mode \"complete\" and more rows than columns the last columns of Q are arbitrary and have no derivative. Use mode \"reduced\".");
        if (columns <= k) return [Square(q, r, g[0], g[1])];
        // Columns beyond the square are Y = Q V.
        Tensor? gv = g[1]?.Narrow(-1, k, columns - k), gq = g[0];
        Tensor v = r.Narrow(-1, k, columns - k);
        if (gv is not null) gq = Plus(gq, q.MatMul(v).MatMul(gv.Adjoint));
        Tensor gx = Square(q, r.Narrow(-1, 0, k), gq, g[1]?.Narrow(-1, 0, k));
        return [Tensor.Cat([gx, gv is null ? Tensor.ZerosLike(q.MatMul(v)) : q.MatMul(gv)], -1)];
    }

    // C = Qᴴ dA R⁻¹ is the sum of what turns Q (skew) and what changes R (triangular, with real diagonal, as R's is real).
    static Tensor Square(Tensor q, Tensor r, Tensor? gq, Tensor? gr)
    {
        Tensor? c = null;
        if (gr is not null)
        {
            Tensor p = gr.MatMul(r.Adjoint);
            c = p.Triu(1) + p.Adjoint.Tril(-1) + p.Diagonals.Real().To(p.DType).DiagEmbed();
        }
        if (gq is not null)
        {
            Tensor p = q.Adjoint.MatMul(gq);
            Tensor turn = (p - p.Adjoint).Tril(-1) - p;
            if (p.DType.IsComplex) turn = turn + (p.Diagonals - p.Diagonals.Real().To(p.DType)).DiagEmbed();
            c = Plus(c, turn);
        }
        Tensor sum = q.MatMul(c!);
        if (gq is not null) sum = sum + gq;
        return Flambeau.Linalg.Triangular(r, sum.Adjoint, true, false).Adjoint;
    }

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)
    {
        Tensor q = y[0], r = y[1], d = t[0]!;
        long rows = q.Shape[^2], columns = r.Shape[^1], k = r.Shape[^2];
        if (Complete && rows > columns) throw new NotSupportedException("linalg.qr: with mode \"complete\" and more rows than columns the last columns of Q are arbitrary and have no derivative. Use mode \"reduced\".");
        long square = Math.Min(k, columns);
        Tensor r1 = r.Narrow(-1, 0, square), d1 = d.Narrow(-1, 0, square);
        Tensor c1 = Flambeau.Linalg.Triangular(r1.MT, d1.MT, false, false).MT, c = q.Adjoint.MatMul(c1);               // dA R⁻¹, Qᴴ dA R⁻¹
        Tensor turn = c.Tril(-1) - c.Tril(-1).Adjoint;                                                                  // skew: turns Q
        if (c.DType.IsComplex) turn = turn + (c.Diagonals - c.Diagonals.Real().To(c.DType)).DiagEmbed();
        Tensor dq = q.MatMul(turn) + c1 - q.MatMul(c), dr = (c - turn).MatMul(r1);
        if (columns > k) dr = Tensor.Cat([dr, q.Adjoint.MatMul(d.Narrow(-1, k, columns - k)) - turn.MatMul(r.Narrow(-1, k, columns - k))], -1);
        return [dq, dr];
    }
}

/// <summary>A → R above and vectors of reflections below the diagonal, τ.</summary>
internal sealed record Geqrf : DenseOp
{
    public static readonly Geqrf Instance = new();

    protected internal override bool IsDifferentiable => false;

    protected internal override TensorSpec[] InferAll(Args x) =>
        [Spec(x[0], x[0].DType, x[0].Shape[^2], x[0].Shape[^1]), Spec(x[0], x[0].DType, Math.Min(x[0].Shape[^2], x[0].Shape[^1]))];

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) => DenseBatch.Run(new GeqrfKernel(x[0].Shape[^2], x[0].Shape[^1]), Batch(x[0]), x, y);
}

/// <summary>A with vectors of reflections below its diagonal, τ, C → Q C, or Qᴴ C.</summary>
internal sealed record Reflect(bool Adjoint) : DenseOp
{
    protected internal override TensorSpec[] InferAll(Args x) => [Spec(x[2], x[2].DType, x[2].Shape[^2], x[2].Shape[^1])];

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) =>
        DenseBatch.Run(new ReflectKernel(x[0].Shape[^2], x[0].Shape[^1], x[1].Shape[^1], x[2].Shape[^1], Adjoint), Batch(x[0]), x, y);

    protected internal override Saved Saves(uint needs) => Saved.Inputs;

    // One reflection at a time, as operations: R are the products from the right on, K what the gradient has become from the left on.
    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Tensor a = n.Input(0), tau = n.Input(1), c = n.Input(2);
        long k = tau.Shape[^1], rows = a.Shape[^2];
        Tensor unit = a.Narrow(-1, 0, k).Tril(-1) + Tensor.Eye(rows, k, a.DType);
        Tensor[] v = new Tensor[k], t = new Tensor[k], right = new Tensor[k], gv = new Tensor[k], gt = new Tensor[k];
        for (int i = 0; i < k; i++)
        {
            v[i] = unit.Narrow(-1, i, 1);
            t[i] = tau.Narrow(-1, i, 1).Unsqueeze(-1);
            if (Adjoint) t[i] = t[i].Conj();
        }
        for (long s = 0; s < k; s++)
        {
            long i = Adjoint ? s : k - 1 - s;
            right[i] = c;
            c = c - v[i] * t[i] * v[i].Adjoint.MatMul(c);
        }
        Tensor left = g[0]!;
        for (long s = k - 1; s >= 0; s--)
        {
            long i = Adjoint ? s : k - 1 - s;
            Tensor vk = v[i].Adjoint.MatMul(left), vr = v[i].Adjoint.MatMul(right[i]);                           // (…, 1, n)
            Tensor gh = left.MatMul(vr.Adjoint), gg = right[i].MatMul(vk.Adjoint);                               // G v and Gᴴ v, with G = K Rᴴ
            gt[i] = -v[i].Adjoint.MatMul(gh).Squeeze(-1);
            if (Adjoint) gt[i] = gt[i].Conj();
            gv[i] = -(t[i].Conj() * gh) - t[i] * gg;
            left = left - v[i] * t[i].Conj() * vk;
        }
        Tensor? ga = null;
        if (n.Needs(0))
        {
            ga = k == 0 ? Tensor.ZerosLike(a) : Tensor.Cat(gv, -1).Tril(-1);
            if (k > 0 && a.Shape[^1] > k) ga = Tensor.Cat([ga, Tensor.ZerosLike(a.Narrow(-1, k, a.Shape[^1] - k))], -1);
        }
        return [ga, n.Needs(1) ? k == 0 ? Tensor.ZerosLike(tau) : Tensor.Cat(gt, -1) : null, n.Needs(2) ? left : null];
    }

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)
    {
        Tensor a = x[0], tau = x[1], c = x[2];
        long k = tau.Shape[^1], rows = a.Shape[^2];
        Tensor unit = a.Narrow(-1, 0, k).Tril(-1) + Tensor.Eye(rows, k, a.DType);
        Tensor? dUnit = t[0]?.Narrow(-1, 0, k).Tril(-1), dc = t[2];
        for (long s = 0; s < k; s++)                                            // c ← c − v τ vᴴ c
        {
            long i = Adjoint ? s : k - 1 - s;
            Tensor v = unit.Narrow(-1, i, 1), factor = tau.Narrow(-1, i, 1).Unsqueeze(-1), vc = v.Adjoint.MatMul(c);
            Tensor? df = t[1]?.Narrow(-1, i, 1).Unsqueeze(-1), d = dc;
            if (Adjoint) (factor, df) = (factor.Conj(), df?.Conj());
            if (dc is not null) d = dc - v * factor * v.Adjoint.MatMul(dc);
            if (df is not null) d = Plus(d, -(v * df * vc));
            if (dUnit?.Narrow(-1, i, 1) is { } dv) d = Plus(d, -(dv * factor * vc) - v * factor * dv.Adjoint.MatMul(c));
            (c, dc) = (c - v * factor * vc, d);
        }
        return [dc];
    }
}

/// <summary>A → U, S, Vᴴ; without vectors only S.</summary>
internal sealed record Svd(bool Full, bool Vectors) : DenseOp
{
    protected internal override TensorSpec[] InferAll(Args x)
    {
        long m = x[0].Shape[^2], n = x[0].Shape[^1], k = Math.Min(m, n);
        return
        [
            Vectors ? Spec(x[0], x[0].DType, m, Full ? m : k) : Spec(x[0], x[0].DType, 0, 0), Spec(x[0], x[0].DType.Real, k),
            Vectors ? Spec(x[0], x[0].DType, Full ? n : k, n) : Spec(x[0], x[0].DType, 0, 0),
        ];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) => DenseBatch.Run(new SvdKernel(x[0].Shape[^2], x[0].Shape[^1], Full, Vectors), Batch(x[0]), x, y);

    protected internal override Saved Saves(uint needs) => Saved.Outputs;

    // With dP = Uᴴ dA V: dS = Re diag dP, Uᴴ dU = (dP S + S dPᴴ)/E, Vᴴ dV = (S dP + dPᴴ S)/E, E[i, j] = s_j² − s_i²; phases that nothing may depend on
    // are shared between U and V.
    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Dims shape = n.InputShape(0);
        long m = shape[^2], p = shape[^1], k = Math.Min(m, p);
        Tensor s = n.Output(1), u = n.Output(0).Narrow(-1, 0, k), vh = n.Output(2).Narrow(-2, 0, k), v = vh.Adjoint;
        Tensor? gu = g[0]?.Narrow(-1, 0, k), gs = g[1], gv = g[2]?.Narrow(-2, 0, k).Adjoint;
        DType t = u.DType;
        if (gu is null && gv is null) return [(u * gs!.Unsqueeze(-2).To(t)).MatMul(vh)];
        Tensor sc = s.To(t), e = s.Unsqueeze(-2).Square() - s.Unsqueeze(-1).Square() + Tensor.Eye(k, dtype: s.DType);
        Tensor? inner = gs?.To(t).DiagEmbed();
        Tensor? phase = null;
        if (gu is not null)
        {
            Tensor x = u.Adjoint.MatMul(gu), skew = x - x.Adjoint;
            inner = Plus(inner, skew / e * sc.Unsqueeze(-2));
            phase = skew.Diagonals;
            // The diagonal of skew / e is imaginary and belongs to the phases.
            if (t.IsComplex) inner = inner! - (phase * sc).DiagEmbed();
        }
        if (gv is not null)
        {
            Tensor x = v.Adjoint.MatMul(gv), skew = x - x.Adjoint;
            inner = Plus(inner, sc.Unsqueeze(-1) * (skew / e));
            if (t.IsComplex) inner = inner! - (skew.Diagonals * sc).DiagEmbed();
            phase = phase is null ? -skew.Diagonals : phase - skew.Diagonals;
        }
        if (t.IsComplex) inner = inner! + (phase! / (sc * 4)).DiagEmbed();
        Tensor ga = u.MatMul(inner!).MatMul(vh);
        if (gu is not null && m > k) ga = ga + (gu - u.MatMul(u.Adjoint.MatMul(gu))).MatMul(vh / sc.Unsqueeze(-1));
        if (gv is not null && p > k) ga = ga + (u / sc.Unsqueeze(-2)).MatMul((gv - v.MatMul(v.Adjoint.MatMul(gv))).Adjoint);
        return [ga];
    }

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)
    {
        Dims shape = x[0].Shape;
        long m = shape[^2], p = shape[^1], k = Math.Min(m, p);
        Tensor s = y[1], u = y[0].Narrow(-1, 0, k), vh = y[2].Narrow(-2, 0, k), v = vh.Adjoint, d = t[0]!;
        DType type = u.DType;
        Tensor dp = u.Adjoint.MatMul(d).MatMul(v), ds = dp.Diagonals.Real();
        Tensor sc = s.To(type), e = s.Unsqueeze(-2).Square() - s.Unsqueeze(-1).Square() + Tensor.Eye(k, dtype: s.DType), off = dp - ds.To(type).DiagEmbed();
        Tensor right = off * sc.Unsqueeze(-2), left = sc.Unsqueeze(-1) * off, du = (right + right.Adjoint) / e, dv = (left + left.Adjoint) / e;
        if (type.IsComplex)
        {
            Tensor half = ((dp.Diagonals - ds.To(type)) / (sc * 2)).DiagEmbed();
            (du, dv) = (du + half, dv - half);
        }
        (du, dv) = (u.MatMul(du), v.MatMul(dv));
        if (m > k) du = du + (d - u.MatMul(u.Adjoint.MatMul(d))).MatMul(v / sc.Unsqueeze(-2));
        if (p > k) dv = dv + (d.Adjoint - v.MatMul(v.Adjoint.MatMul(d.Adjoint))).MatMul(u / sc.Unsqueeze(-2));
        // Columns that only fill up Full factors are arbitrary, and are taken not to move.
        if (Full && m > k) du = Tensor.Cat([du, Tensor.ZerosLike(y[0].Narrow(-1, k, m - k))], -1);
        if (Full && p > k) dv = Tensor.Cat([dv, Tensor.ZerosLike(y[2].Adjoint.Narrow(-1, k, p - k))], -1);
        return [du, ds, dv.Adjoint];
    }
}

/// <summary>A Hermitian, of which the lower triangle is read → λ ascending, V.</summary>
internal sealed record Eigh(bool Vectors) : DenseOp
{
    protected internal override TensorSpec[] InferAll(Args x)
    {
        long n = Square(x[0]);
        return [Spec(x[0], x[0].DType.Real, n), Vectors ? Spec(x[0], x[0].DType, n, n) : Spec(x[0], x[0].DType, 0, 0)];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) => DenseBatch.Run(new EighKernel(x[0].Shape[^1], Vectors), Batch(x[0]), x, y);

    protected internal override Saved Saves(uint needs) => Saved.Outputs;

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Tensor lambda = n.Output(0), v = n.Output(1);
        DType t = v.DType;
        if (g[1] is null) return [(v * g[0]!.To(t).Unsqueeze(-2)).MatMul(v.Adjoint)];
        Tensor eye = Tensor.Eye(lambda.Shape[^1], dtype: lambda.DType), e = lambda.Unsqueeze(-2) - lambda.Unsqueeze(-1) + eye;
        Tensor inner = v.Adjoint.MatMul(g[1]!) / e * (1 - eye).To(t);
        if (g[0] is { } gl) inner = inner + gl.To(t).DiagEmbed();
        return [v.MatMul(inner).MatMul(v.Adjoint)];
    }

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)
    {
        Tensor lambda = y[0], v = y[1], c = v.Adjoint.MatMul(t[0]!).MatMul(v);
        Tensor eye = Tensor.Eye(lambda.Shape[^1], dtype: lambda.DType), e = lambda.Unsqueeze(-2) - lambda.Unsqueeze(-1) + eye;
        return [c.Diagonals.Real(), v.MatMul(c / e * (1 - eye).To(c.DType))];
    }
}

/// <summary>A → λ, V, both complex.</summary>
internal sealed record Eig(bool Vectors) : DenseOp
{
    protected internal override TensorSpec[] InferAll(Args x)
    {
        long n = Square(x[0]);
        return [Spec(x[0], x[0].DType.Complex, n), Vectors ? Spec(x[0], x[0].DType.Complex, n, n) : Spec(x[0], x[0].DType.Complex, 0, 0)];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) => DenseBatch.Run(new EigKernel(x[0].Shape[^1], !x[0].DType.IsComplex, Vectors), Batch(x[0]), x, y);

    protected internal override Saved Saves(uint needs) => Saved.Outputs;

    // dV = V (C/E) but for its lengths, dλ = diag C with C = V⁻¹ dA V, E[i, j] = λ_j − λ_i.
    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Tensor lambda = n.Output(0), v = n.Output(1), vh = v.Adjoint;
        Tensor? inner = g[0]?.DiagEmbed();
        if (g[1] is { } gv)
        {
            Tensor x = vh.MatMul(gv), eye = Tensor.Eye(lambda.Shape[^1], dtype: lambda.DType);
            x = x - vh.MatMul(v) * x.Diagonals.Real().To(x.DType).Unsqueeze(-2);
            inner = Plus(inner, x / ((lambda.Unsqueeze(-2) - lambda.Unsqueeze(-1)).Conj() + eye) * (1 - eye));
        }
        return [ApplyAll(Solve.Instance, vh, inner!.MatMul(vh))[0]];
    }

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)
    {
        Tensor lambda = y[0], v = y[1], c = ApplyAll(Solve.Instance, v, t[0]!.To(v.DType).MatMul(v))[0];
        Tensor eye = Tensor.Eye(lambda.Shape[^1], dtype: lambda.DType);
        Tensor dv = v.MatMul(c / (lambda.Unsqueeze(-2) - lambda.Unsqueeze(-1) + eye) * (1 - eye));
        return [c.Diagonals, dv - v * v.Adjoint.MatMul(dv).Diagonals.Real().To(v.DType).Unsqueeze(-2)];     // lengths stay 1
    }
}

/// <summary>A symmetric, or Hermitian → L and D, pivots, the first block that is 0.</summary>
internal sealed record LdlFactor(bool Hermitian) : DenseOp
{
    protected internal override bool IsDifferentiable => false;

    protected internal override TensorSpec[] InferAll(Args x)
    {
        long n = Square(x[0]);
        return [Spec(x[0], x[0].DType, n, n), Spec(x[0], DType.Int32, n), Spec(x[0], DType.Int32)];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) => DenseBatch.Run(new LdlKernel(x[0].Shape[^1], Hermitian), Batch(x[0]), x, y);
}

/// <summary>L and D, pivots, B → X with A X = B.</summary>
internal sealed record LdlSolve(bool Hermitian) : DenseOp
{
    protected internal override TensorSpec[] InferAll(Args x) => [Spec(x[2], x[2].DType, x[2].Shape[^2], x[2].Shape[^1])];

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) => DenseBatch.Run(new LdlSolveKernel(x[0].Shape[^1], x[2].Shape[^1], Hermitian), Batch(x[0]), x, y);

    protected internal override Saved Saves(uint needs) => new(3, 0);

    // With respect to B only, as PyTorch: A⁻ᴴ g, where Aᴴ is A or its conjugate.
    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n) =>
        [null, null, n.Needs(2) ? Hermitian ? ApplyAll(this, n.Input(0), n.Input(1), g[0]!)[0] : ApplyAll(this, n.Input(0), n.Input(1), g[0]!.Conj())[0].Conj() : null];

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y) => [t[2] is { } d ? ApplyAll(this, x[0], x[1], d)[0] : null];
}

/// <summary>eᴬ</summary>
internal sealed record MatrixExp : DenseOp
{
    public static readonly MatrixExp Instance = new();

    protected internal override TensorSpec[] InferAll(Args x)
    {
        long n = Square(x[0]);
        return [Spec(x[0], x[0].DType, n, n)];
    }

    protected internal override void RunAll(Backend d, Args x, Tensor[] y) => DenseBatch.Run(new ExpKernel(x[0].Shape[^1]), Batch(x[0]), x, y);

    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n) => [UpperRight(n.Input(0).Adjoint, g[0]!)];

    // That of the exponential of ((A, D), (0, A)): the derivative at A along D.
    static Tensor UpperRight(Tensor a, Tensor d)
    {
        long size = a.Shape[^1];
        Tensor block = Tensor.Cat([Tensor.Cat([a, d], -1), Tensor.Cat([Tensor.ZerosLike(a), a], -1)], -2);
        return ApplyAll(Instance, block)[0].Narrow(-2, 0, size).Narrow(-1, size, size);
    }

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y) => [UpperRight(x[0], t[0]!)];
}

/// <summary>A, the largest singular value to be taken for 0 of each matrix → A⁺.</summary>
internal sealed record PseudoInverse(bool Hermitian) : DenseOp
{
    public override string Name => "linalg.pinv";

    protected internal override TensorSpec[] InferAll(Args x) => [Spec(x[0], x[0].DType, x[0].Shape[^1], x[0].Shape[^2])];

    protected internal override void RunAll(Backend d, Args x, Tensor[] y)
    {
        using var _ = Autograd.NoGrad();
        Tensor a = x[0], limit = Tensor.Zeros([], a.DType.Real);
        if (a.Count == 0)
        {
            d.Fill(y[0], 0);
            return;
        }
        Tensor u, s, vh;
        if (Hermitian)
        {
            Tensor[] e = ApplyAll(new Eigh(true), a);
            (u, s, vh) = (e[1], e[0], e[1].Adjoint);
        }
        else
        {
            Tensor[] e = ApplyAll(new Svd(false, true), a);
            (u, s, vh) = (e[0], e[1], e[2]);
        }
        Tensor size = s.Abs(), tolerance = x[1].Maximum(x[2] * size.Amax([-1], true));
        Tensor inverse = Tensor.Where(size > tolerance, 1 / s, limit).To(a.DType);
        d.Copy((vh.Adjoint * inverse.Unsqueeze(-2)).MatMul(u.Adjoint), y[0]);
    }

    protected internal override Saved Saves(uint needs) => new(1, 1);

    // Golub and Pereyra (1973): dP = −P dA P + P Pᴴ dAᴴ (1 − A P) + (1 − P A) dAᴴ Pᴴ P
    protected internal override Tensor?[] BackwardAll(Tensor?[] g, Node n)
    {
        Tensor a = n.Input(0), p = n.Output(0), ph = p.Adjoint, gh = g[0]!.Adjoint;
        Tensor left = gh.MatMul(p).MatMul(ph), right = ph.MatMul(p).MatMul(gh);
        return [-ph.MatMul(g[0]!).MatMul(ph) + (left - a.MatMul(p.MatMul(left))) + (right - right.MatMul(p).MatMul(a)), null, null];
    }

    protected internal override Tensor?[] JvpAll(Args x, Tensor?[] t, Tensor[] y)
    {
        if (t[0] is not { } d) return [null];
        Tensor a = x[0], p = y[0], ph = p.Adjoint, dh = d.Adjoint, left = p.MatMul(ph).MatMul(dh), right = dh.MatMul(ph).MatMul(p);
        return [-p.MatMul(d).MatMul(p) + left - left.MatMul(a).MatMul(p) + right - p.MatMul(a).MatMul(right)];
    }

    protected internal override Tensor[] BatchAll(in Batched b) => ApplyAll(this, b.Full(0), b.Padded(1, b.Rank(0) - 1), b.Padded(2, b.Rank(0) - 1));
}

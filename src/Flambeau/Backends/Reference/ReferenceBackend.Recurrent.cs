namespace Flambeau.Backends.Reference;

internal sealed partial class ReferenceBackend
{
    static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    /// <summary>Calls with each element of a state (N, H) and where its gates begin among (N, parts · H).</summary>
    static void EachCell(Tensor state, int parts, Action<long, long, long> f)
    {
        long h = state.Shape[^1];
        for (long i = 0; i < state.Count; i++) f(i, i / h * parts * h + i % h, h);
    }

    internal override void LstmGates(Tensor a, Tensor b, Tensor c, Tensor h, Tensor next, Tensor gates) => EachCell(c, 4, (at, g, n) =>
    {
        double Pre(int k) => At(a, g + k * n) + At(b, g + k * n);
        double i = Sigmoid(Pre(0)), f = Sigmoid(Pre(1)), cell = Math.Tanh(Pre(2)), o = Sigmoid(Pre(3)), y = f * At(c, at) + i * cell;
        Put(next, at, y);
        Put(h, at, o * Math.Tanh(y));
        Put(gates, g, i);
        Put(gates, g + n, f);
        Put(gates, g + 2 * n, cell);
        Put(gates, g + 3 * n, o);
    });

    internal override void LstmGatesBackward(Tensor dh, Tensor dNext, Tensor c, Tensor next, Tensor gates, Tensor dGates, Tensor dc) =>
        EachCell(c, 4, (at, g, n) =>
    {
        double i = At(gates, g), f = At(gates, g + n), cell = At(gates, g + 2 * n), o = At(gates, g + 3 * n), t = Math.Tanh(At(next, at));
        double d = At(dNext, at) + At(dh, at) * o * (1 - t * t);
        Put(dGates, g, d * cell * i * (1 - i));
        Put(dGates, g + n, d * At(c, at) * f * (1 - f));
        Put(dGates, g + 2 * n, d * i * (1 - cell * cell));
        Put(dGates, g + 3 * n, At(dh, at) * t * o * (1 - o));
        Put(dc, at, d * f);
    });

    internal override void GruGates(Tensor a, Tensor b, Tensor h, Tensor next, Tensor gates) => EachCell(h, 3, (at, g, n) =>
    {
        double r = Sigmoid(At(a, g) + At(b, g)), z = Sigmoid(At(a, g + n) + At(b, g + n)), m = Math.Tanh(At(a, g + 2 * n) + r * At(b, g + 2 * n));
        Put(next, at, (1 - z) * m + z * At(h, at));
        Put(gates, g, r);
        Put(gates, g + n, z);
        Put(gates, g + 2 * n, m);
    });

    internal override void GruGatesBackward(Tensor g, Tensor b, Tensor h, Tensor gates, Tensor da, Tensor db, Tensor dh) => EachCell(h, 3, (at, k, n) =>
    {
        double r = At(gates, k), z = At(gates, k + n), m = At(gates, k + 2 * n), d = At(g, at);
        double dm = d * (1 - z) * (1 - m * m), dz = d * (At(h, at) - m) * z * (1 - z), dr = dm * At(b, k + 2 * n) * r * (1 - r);
        foreach (Tensor t in (Tensor[])[da, db])
        {
            Put(t, k, dr);
            Put(t, k + n, dz);
        }
        Put(da, k + 2 * n, dm);
        Put(db, k + 2 * n, dm * r);
        Put(dh, at, d * z);
    });
}

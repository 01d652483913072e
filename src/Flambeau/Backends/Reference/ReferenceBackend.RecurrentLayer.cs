using Flambeau.Ops;

namespace Flambeau.Backends.Reference;

// A layer number by number: all sums and functions in double.
internal sealed partial class ReferenceBackend
{
    internal override void RecurrentLayer(RecurrentKind kind, bool reverse, Tensor[] x, Tensor[] y)
    {
        y = [.. y, .. Array.ConvertAll(new Ops.RecurrentLayer(kind, reverse, Keeps: true).InferAll(x)[y.Length..], Tensor.Empty)];       // what nobody keeps
        long steps = y[0].Shape[0], rows = y[0].Shape[1], h = y[0].Shape[2], gates = Ops.RecurrentLayer.Gates(kind);
        for (long i = 0; i < steps; i++)
        {
            long t = reverse ? steps - 1 - i : i, before = reverse ? t + 1 : t - 1;
            for (long r = 0; r < rows; r++)
            {
                double H(long j) => i == 0 ? At(x[1], r * h + j) : At(y[0], (before * rows + r) * h + j);
                double Own(long g, long j)
                {
                    double sum = kind == RecurrentKind.Gru && x.Length > 3 ? At(x[3], g * h + j) : 0;
                    for (long k = 0; k < h; k++) sum += H(k) * At(x[2], (g * h + j) * h + k);
                    return sum;
                }
                for (long j = 0; j < h; j++)
                {
                    double In(long g) => At(x[0], ((t * rows + r) * gates + g) * h + j);
                    long at = (t * rows + r) * h + j, kept = (t * rows + r) * 4 * h + j;
                    switch (kind)
                    {
                        case RecurrentKind.Lstm:
                            double a = Sigmoid(In(0) + Own(0, j)), f = Sigmoid(In(1) + Own(1, j)), cell = Math.Tanh(In(2) + Own(2, j)), o = Sigmoid(In(3) + Own(3, j));
                            double c = f * (i == 0 ? At(x[3], r * h + j) : At(y[3], (before * rows + r) * h + j)) + a * cell;
                            Put(y[0], at, o * Math.Tanh(c));
                            Put(y[3], at, c);
                            Put(y[4], kept, a);
                            Put(y[4], kept + h, f);
                            Put(y[4], kept + 2 * h, cell);
                            Put(y[4], kept + 3 * h, o);
                            break;
                        case RecurrentKind.Gru:
                            double own = Own(2, j), s = Sigmoid(In(0) + Own(0, j)), z = Sigmoid(In(1) + Own(1, j)), n = Math.Tanh(In(2) + s * own);
                            Put(y[0], at, (1 - z) * n + z * H(j));
                            Put(y[2], kept, s);
                            Put(y[2], kept + h, z);
                            Put(y[2], kept + 2 * h, n);
                            Put(y[2], kept + 3 * h, own);
                            break;
                        default:
                            double v = In(0) + Own(0, j);
                            Put(y[0], at, kind == RecurrentKind.Tanh ? Math.Tanh(v) : Math.Max(v, 0));
                            break;
                    }
                }
            }
        }
        long last = reverse ? 0 : steps - 1;
        for (long i = 0; i < rows * h; i++)
        {
            Put(y[1], i, At(y[0], last * rows * h + i));
            if (kind == RecurrentKind.Lstm) Put(y[2], i, At(y[3], last * rows * h + i));
        }
    }

    internal override void RecurrentLayerBackward(RecurrentKind kind, bool reverse, Tensor[] x, Tensor[] y)
    {
        Tensor dy = x[0], all = x[2], h0 = x[3], w = x[4];
        long steps = dy.Shape[0], rows = dy.Shape[1], h = dy.Shape[2], gates = Ops.RecurrentLayer.Gates(kind);
        for (long r = 0; r < rows; r++)
        {
            var dh = new double[h];
            var dc = new double[h];
            for (long j = 0; j < h; j++) (dh[j], dc[j]) = (At(x[1], r * h + j), kind == RecurrentKind.Lstm ? At(x[5], r * h + j) : 0);
            for (long i = steps - 1; i >= 0; i--)
            {
                long t = reverse ? steps - 1 - i : i, before = reverse ? t + 1 : t - 1;
                var own = new double[gates * h];      // gradients of the state's share
                var next = new double[h];
                for (long j = 0; j < h; j++)
                {
                    double g = dh[j] + At(dy, (t * rows + r) * h + j), was = i == 0 ? At(h0, r * h + j) : At(all, (before * rows + r) * h + j);
                    long kept = (t * rows + r) * 4 * h + j, at = (t * rows + r) * h + j;
                    switch (kind)
                    {
                        case RecurrentKind.Lstm:
                            double a = At(x[8], kept), f = At(x[8], kept + h), cell = At(x[8], kept + 2 * h), o = At(x[8], kept + 3 * h), th = Math.Tanh(At(x[7], at));
                            double c = i == 0 ? At(x[6], r * h + j) : At(x[7], (before * rows + r) * h + j), d = dc[j] + g * o * (1 - th * th);
                            own[j] = d * cell * a * (1 - a);
                            own[h + j] = d * c * f * (1 - f);
                            own[2 * h + j] = d * a * (1 - cell * cell);
                            own[3 * h + j] = g * th * o * (1 - o);
                            dc[j] = d * f;
                            break;
                        case RecurrentKind.Gru:
                            double s = At(x[5], kept), z = At(x[5], kept + h), n = At(x[5], kept + 2 * h), dn = g * (1 - z) * (1 - n * n);
                            own[j] = dn * At(x[5], kept + 3 * h) * s * (1 - s);
                            own[h + j] = g * (was - n) * z * (1 - z);
                            own[2 * h + j] = dn * s;
                            Put(y[0], (t * rows + r) * 3 * h + 2 * h + j, dn);
                            next[j] = g * z;
                            break;
                        default:
                            double v = At(all, at);
                            own[j] = kind == RecurrentKind.Tanh ? g * (1 - v * v) : v > 0 ? g : 0;
                            break;
                    }
                }
                for (long k = 0; k < gates * h; k++)
                {
                    long at = (t * rows + r) * gates * h + k;
                    if (kind == RecurrentKind.Gru) Put(y[2], at, own[k]);
                    if (kind != RecurrentKind.Gru || k < 2 * h) Put(y[0], at, own[k]);
                    for (long j = 0; j < h; j++) next[j] += own[k] * At(w, k * h + j);
                }
                dh = next;
            }
            for (long j = 0; j < h; j++)
            {
                Put(y[1], r * h + j, dh[j]);
                if (kind == RecurrentKind.Lstm) Put(y[2], r * h + j, dc[j]);
            }
        }
    }
}

using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    internal override void BatchNorm(Tensor x, Tensor? weight, Tensor? bias, Lines lines, double eps, Tensor y, Tensor mean, Tensor var)
    {
        if (y.Count == 0) return;
        fixed (byte* px = x.Storage, pw = (weight ?? x).Storage, pb = (bias ?? x).Storage, py = y.Storage, pm = mean.Storage, pv = var.Storage)
        {
            BatchNormVisitor v = new(new()
            {
                X = Start(px, x), Weight = weight is null ? null : Start(pw, weight), Bias = bias is null ? null : Start(pb, bias), To = Start(py, y),
                Mean = Start(pm, mean), Var = Start(pv, var), S = lines, Eps = eps, Streams = Streaming.Pays(y.Count * y.DType.ItemSize),
            });
            LaneDispatch.Visit(y.DType, ref v);
            Streaming.End();
        }
    }

    internal override void BatchNormBackward(Tensor g, Tensor x, Tensor mean, Tensor var, Tensor? weight, Lines lines, double eps, Tensor dx,
        Tensor dWeight, Tensor dBias)
    {
        if (dx.Count == 0)
        {
            Fill(dWeight, 0);
            Fill(dBias, 0);
            return;
        }
        fixed (byte* pg = g.Storage, px = x.Storage, pm = mean.Storage, pv = var.Storage, pw = (weight ?? x).Storage)
        fixed (byte* pd = dx.Storage, pdw = dWeight.Storage, pdb = dBias.Storage)
        {
            BatchNormVisitor v = new(new()
            {
                G = Start(pg, g), X = Start(px, x), Weight = weight is null ? null : Start(pw, weight), To = Start(pd, dx),
                Mean = Start(pm, mean), Var = Start(pv, var), DWeight = Start(pdw, dWeight), DBias = Start(pdb, dBias), S = lines, Eps = eps, Streams = Streaming.Pays(dx.Count * dx.DType.ItemSize),
            });
            LaneDispatch.Visit(dx.DType, ref v);
            Streaming.End();
        }
    }

    /// <summary>To is y, or dx in the backward pass, for which G is given.</summary>
    struct BatchNormArguments
    {
        public byte* G, X, Weight, Bias, To, Mean, Var, DWeight, DBias;
        public Lines S;
        public double Eps;
        public bool Streams;
    }

    readonly struct BatchNormVisitor(BatchNormArguments a) : ILaneVisitor
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>
        {
            BatchNormArguments all = a;
            bool columns = a.S.Inner == 1;
            long items = columns ? (a.S.Length + L.Count - 1) / L.Count : a.S.Length, work = a.S.Outer * (columns ? L.Count : a.S.Inner);
            if (columns) Threads.For(items, Math.Max(1, RowGrain / work), new BatchNormColumns<L>(&all));
            else Threads.For(items, Math.Max(1, RowGrain / work), new BatchNormChannels<L>(&all));
        }
    }

    /// <summary>Items are channels, each of Outer stretches of Inner elements.</summary>
    readonly struct BatchNormChannels<L>(BatchNormArguments* a) : IRangeBody where L : struct, ILane<L>
    {
        public void Run(long begin, long end)
        {
            for (long c = begin; c < end; c++)
                if (a->G == null) Forward(c);
                else Backward(c);
        }

        long Place(long o, long c) => (o * a->S.Length + c) * a->S.Inner * Tail<L>.Size;

        double Weight(long c) => a->Weight == null ? 1 : Tail<L>.Get(a->Weight, c);

        void Forward(long c)
        {
            double count = (double)a->S.Outer * a->S.Inner, mean = 0, var = 0;
            for (long o = 0; o < a->S.Outer; o++) mean += RowMath<L>.Sum(a->X + Place(o, c), a->S.Inner);
            mean /= count;
            for (long o = 0; o < a->S.Outer; o++) var += RowMath<L>.Spread(a->X + Place(o, c), a->S.Inner, mean);
            var /= count;
            Tail<L>.Set(a->Mean, c, mean);
            Tail<L>.Set(a->Var, c, var);
            double scale = Weight(c) / Math.Sqrt(var + a->Eps), shift = a->Bias == null ? 0 : Tail<L>.Get(a->Bias, c);
            for (long o = 0; o < a->S.Outer; o++) RowMath<L>.Affine(a->X + Place(o, c), a->S.Inner, mean, scale, null, null, shift, a->To + Place(o, c), a->Streams);
        }

        void Backward(long c)
        {
            double count = (double)a->S.Outer * a->S.Inner, mean = Tail<L>.Get(a->Mean, c), k = 1 / Math.Sqrt(Tail<L>.Get(a->Var, c) + a->Eps),
                w = Weight(c), sum = 0, product = 0;
            for (long o = 0; o < a->S.Outer; o++)
            {
                (double s, double p) = RowMath<L>.Products(a->G + Place(o, c), null, a->X + Place(o, c), a->S.Inner, mean);
                sum += s;
                product += p;
            }
            Tail<L>.Set(a->DWeight, c, product * k);
            Tail<L>.Set(a->DBias, c, sum);
            for (long o = 0; o < a->S.Outer; o++)
                RowMath<L>.Combine(a->G + Place(o, c), null, a->X + Place(o, c), a->S.Inner, mean, w * k, -w * k * k * k * product / count,
                    -w * k * sum / count, a->To + Place(o, c), a->Streams);
        }
    }

    /// <summary>Items are lanes of neighbouring channels of an (N, C) matrix.</summary>
    readonly struct BatchNormColumns<L>(BatchNormArguments* a) : IRangeBody where L : struct, ILane<L>
    {
        public void Run(long begin, long end)
        {
            for (long item = begin; item < end; item++)
            {
                long c = item * L.Count;
                int width = (int)Math.Min(L.Count, a->S.Length - c);
                if (width == L.Count) Run<Whole>(c * Tail<L>.Size, width);
                else Run<Part>(c * Tail<L>.Size, width);
            }
        }

        void Run<W>(long c, int width) where W : struct, IWidth
        {
            if (a->G == null) Forward<W>(c, width);
            else Backward<W>(c, width);
        }

        void Forward<W>(long c, int width) where W : struct, IWidth
        {
            long n = a->S.Outer, step = a->S.Length * Tail<L>.Size;
            byte* x = a->X + c;
            double* total = stackalloc double[2 * 16];
            Totals sums = new(total), spreads = new(total + 16);
            for (long o = 0; o < n;)
            {
                L sum = L.Zero;
                for (long stop = Math.Min(n, o + Stretch); o < stop; o++) sum += W.Load<L>(x + o * step, width);
                sums.Add(sum);
            }
            L mean = sums.Mean(n);
            for (long o = 0; o < n;)
            {
                L sum = L.Zero;
                for (long stop = Math.Min(n, o + Stretch); o < stop; o++)
                {
                    L d = W.Load<L>(x + o * step, width) - mean;
                    sum = L.MulAdd(d, d, sum);
                }
                spreads.Add(sum);
            }
            L var = spreads.Mean(n), scale = L.One / L.Sqrt(var + L.Const(a->Eps)), shift = a->Bias == null ? L.Zero : W.Load<L>(a->Bias + c, width);
            W.Store(mean, a->Mean + c, width);
            W.Store(var, a->Var + c, width);
            if (a->Weight != null) scale *= W.Load<L>(a->Weight + c, width);
            for (long o = 0; o < n; o++) W.Store(L.Fma(W.Load<L>(x + o * step, width) - mean, scale, shift), a->To + c + o * step, width);
        }

        void Backward<W>(long c, int width) where W : struct, IWidth
        {
            long n = a->S.Outer, step = a->S.Length * Tail<L>.Size;
            byte* x = a->X + c, g = a->G + c;
            double* total = stackalloc double[2 * 16];
            Totals sums = new(total), products = new(total + 16);
            L mean = W.Load<L>(a->Mean + c, width), k = L.One / L.Sqrt(W.Load<L>(a->Var + c, width) + L.Const(a->Eps));
            L w = a->Weight == null ? L.One : W.Load<L>(a->Weight + c, width);
            for (long o = 0; o < n;)
            {
                L s = L.Zero, p = L.Zero;
                for (long stop = Math.Min(n, o + Stretch); o < stop; o++)
                {
                    L u = W.Load<L>(g + o * step, width);
                    s += u;
                    p = L.MulAdd(u, W.Load<L>(x + o * step, width) - mean, p);
                }
                sums.Add(s);
                products.Add(p);
            }
            L sum = sums.Mean(n), product = products.Mean(n) * k, count = L.Const(n);
            W.Store(product * count, a->DWeight + c, width);
            W.Store(sum * count, a->DBias + c, width);
            for (long o = 0; o < n; o++)
            {
                L normal = (W.Load<L>(x + o * step, width) - mean) * k;
                W.Store(w * k * (W.Load<L>(g + o * step, width) - sum - normal * product), a->To + c + o * step, width);
            }
        }

        const int Stretch = 128;                      // terms that are added up in a lane before they go into doubles

        /// <summary>A sum in each number of the lane.</summary>
        readonly struct Totals
        {
            readonly double* _totals;

            public Totals(double* totals)
            {
                _totals = totals;
                for (int i = 0; i < L.Count; i++) totals[i] = 0;
            }

            public void Add(L x) => L.Accumulate<SumOp>(x, _totals);

            public L Mean(long n)
            {
                for (int i = 0; i < L.Count; i++) _totals[i] /= n;
                return L.Narrow(_totals);
            }
        }
    }
}

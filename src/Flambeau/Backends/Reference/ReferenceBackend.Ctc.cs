namespace Flambeau.Backends.Reference;

// Sample by sample, sums of probabilities by their logarithms, in double.
internal sealed partial class ReferenceBackend
{
    internal override void CtcLoss(Tensor x, Tensor targets, Tensor steps, Tensor lengths, long blank, Tensor loss, Tensor alpha)
    {
        for (long n = 0; n < x.Shape[1]; n++)
        {
            CtcSample s = new(x, targets, steps, lengths, blank, n);
            double[,] a = s.Forward();
            for (long t = 0; t < s.Steps; t++)
                for (long i = 0; i < s.States; i++) Put(alpha, (n * x.Shape[0] + t) * alpha.Shape[2] + i, a[t, i]);
            Put(loss, n, s.Loss(a));
        }
    }

    internal override void CtcLossBackward(Tensor g, Tensor x, Tensor targets, Tensor steps, Tensor lengths, Tensor loss, Tensor alpha, long blank, bool zeroInfinity, Tensor dx)
    {
        Fill(dx, 0);
        for (long n = 0; n < x.Shape[1]; n++)
        {
            CtcSample s = new(x, targets, steps, lengths, blank, n);
            double[,] a = s.Forward(), b = s.Backward();
            double total = s.Loss(a);
            if (zeroInfinity && total == double.PositiveInfinity) continue;
            for (long t = 0; t < s.Steps; t++)
                for (long c = 0; c < x.Shape[2]; c++)
                {
                    double sum = double.NegativeInfinity, p = s.Emitted(t, c);
                    for (long i = 0; i < s.States; i++) if (s.Class(i) == c) sum = Sum(sum, a[t, i] + b[t, i]);
                    Put(dx, (t * x.Shape[1] + n) * x.Shape[2] + c, (Math.Exp(p) - Math.Exp(sum + total - p)) * At(g, n));
                }
        }
    }

    static double Sum(double a, double b)
    {
        double most = Math.Max(a, b);
        return most == double.NegativeInfinity ? most : most + Math.Log(Math.Exp(a - most) + Math.Exp(b - most));
    }

    readonly struct CtcSample(Tensor x, Tensor targets, Tensor steps, Tensor lengths, long blank, long n)
    {
        public long Steps => (long)At(steps, n);

        public long States => 2 * (long)At(lengths, n) + 1;

        public long Class(long state) => state % 2 == 0 ? blank : (long)At(targets, n * targets.Shape[1] + state / 2);

        public double Emitted(long t, long c) => At(x, (t * x.Shape[1] + n) * x.Shape[2] + c);

        bool Skips(long state) => state > 2 && state % 2 == 1 && Class(state) != Class(state - 2);

        public double[,] Forward()
        {
            var a = new double[Steps, States];
            for (long t = 0; t < Steps; t++)
                for (long i = 0; i < States; i++)
                {
                    double sum = t == 0 ? i < 2 ? 0 : double.NegativeInfinity : a[t - 1, i];
                    if (t > 0 && i > 0) sum = Sum(sum, a[t - 1, i - 1]);
                    if (t > 0 && Skips(i)) sum = Sum(sum, a[t - 1, i - 2]);
                    a[t, i] = sum + Emitted(t, Class(i));
                }
            return a;
        }

        public double[,] Backward()
        {
            var b = new double[Steps, States];
            for (long t = Steps - 1; t >= 0; t--)
                for (long i = 0; i < States; i++)
                {
                    bool last = t == Steps - 1;
                    double sum = last ? i >= States - 2 ? 0 : double.NegativeInfinity : b[t + 1, i];
                    if (!last && i + 1 < States) sum = Sum(sum, b[t + 1, i + 1]);
                    if (!last && i + 2 < States && Skips(i + 2)) sum = Sum(sum, b[t + 1, i + 2]);
                    b[t, i] = sum + Emitted(t, Class(i));
                }
            return b;
        }

        public double Loss(double[,] a)
        {
            if (Steps == 0) return States == 1 ? 0 : double.PositiveInfinity;
            double sum = a[Steps - 1, States - 1];
            return States > 1 ? -Sum(sum, a[Steps - 1, States - 2]) : -sum;
        }
    }
}

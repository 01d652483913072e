using Flambeau.Backends.Cpu;
using Xunit;

namespace Flambeau.Tests.Kernels;

[Collection(nameof(ThreadCount))]
public unsafe class GemmTests
{
    /// <summary>How a matrix lies: its strides, and the elements between its lowest and highest address.</summary>
    public enum Lie { Rows, Columns, PaddedRows, Both, RowsRepeat, ColumnsRepeat, Backward }

    static (long Rs, long Cs, long First, long Size) Place(Lie lie, long rows, long columns)
    {
        (long rs, long cs) = lie switch
        {
            Lie.Rows => (columns, 1L),
            Lie.Columns => (1L, rows),
            Lie.PaddedRows => (columns + 5, 1L),
            Lie.Both => (2 * columns + 3, 2L),
            Lie.RowsRepeat => (0L, 1L),
            Lie.ColumnsRepeat => (1L, 0L),
            _ => (-columns, 1L),
        };
        long last = (rows - 1) * rs + (columns - 1) * cs;
        if (rows == 0 || columns == 0) return (rs, cs, 0, 0);
        return lie == Lie.Backward ? (rs, cs, (rows - 1) * columns, rows * columns) : (rs, cs, 0, last + 1);
    }

    static void Check<E>(long m, long n, long k, Lie lieA, Lie lieB, Lie lieC, bool accumulate, bool bias) where E : unmanaged
    {
        var random = new Random((int)(m * 7919 + n * 104729 + k));
        var (ra, ca, fa, sa) = Place(lieA, m, k);
        var (rb, cb, fb, sb) = Place(lieB, k, n);
        var (rc, cc, fc, sc) = Place(lieC, m, n);
        using var a = new Guarded<E>(sa).Randomize(random);
        using var b = new Guarded<E>(sb).Randomize(random);
        using var c = new Guarded<E>(sc).Randomize(random);
        using var add = new Guarded<E>(n).Randomize(random);
        var before = c.Span.ToArray();
        Gemm.Run(m, n, k, a.P + fa, ra, ca, b.P + fb, rb, cb, c.P + fc, rc, cc, accumulate, bias ? add.P : null);
        var expected = before.Select(Guarded<E>.From).ToArray();
        for (long i = 0; i < m; i++)
            for (long j = 0; j < n; j++)
            {
                double s = accumulate ? expected[fc + i * rc + j * cc] : 0;
                if (bias) s += add[j];
                for (long q = 0; q < k; q++) s += a[fa + i * ra + q * ca] * b[fb + q * rb + j * cb];
                expected[fc + i * rc + j * cc] = s;
            }
        for (long i = 0; i < sc; i++)
            if (expected[i] != c[i])
                Assert.Fail($"{typeof(E).Name} {m}×{n}×{k} A {lieA} B {lieB} C {lieC} accumulate {accumulate} bias {bias}: " +
                    $"[{i}] = {c[i]}, not {expected[i]}");
        Assert.True(a.FencesStand && b.FencesStand && c.FencesStand && add.FencesStand, $"{m}×{n}×{k} wrote beside its matrices");
    }

    [Fact]
    public void Every_small_shape()
    {
        int[] sizes = [0, 1, 2, 3, 5, 8, 12, 13, 17, 31, 33, 64, 65];
        int count = 0;
        foreach (int m in sizes)
            foreach (int n in sizes)
                foreach (int k in sizes)
                    foreach (var (a, b) in new[] { (Lie.Rows, Lie.Rows), (Lie.Columns, Lie.Rows), (Lie.Rows, Lie.Columns), (Lie.Columns, Lie.Columns) })
                    {
                        bool accumulate = count % 2 == 1, bias = count / 2 % 3 == 1;
                        if (count++ % 3 == 0) Check<double>(m, n, k, a, b, Lie.Rows, accumulate, bias);
                        else Check<float>(m, n, k, a, b, Lie.Rows, accumulate, bias);
                    }
    }

    /// <summary>They fall into one set of the first-level cache.</summary>
    [Fact]
    public void Rows_that_lie_a_power_of_two_apart()
    {
        foreach (bool more in new[] { false, true })
        {
            Check<float>(30, 100, 1024, Lie.Rows, Lie.Rows, Lie.Rows, more, more);
            Check<float>(25, 96, 2048, Lie.Rows, Lie.Columns, Lie.PaddedRows, more, !more);
            Check<double>(30, 40, 512, Lie.Rows, Lie.Rows, Lie.Columns, more, more);
            Check<float>(30, 100, 1023, Lie.Rows, Lie.Rows, Lie.Rows, more, more);
        }
    }

    /// <summary>Against a count of the fullest set, wherever in a line the first row begins.</summary>
    [Fact]
    public void Rows_crowd_where_one_set_of_the_cache_would_hold_more_than_it_can()
    {
        const int Rows = 12, Line = 64;
        for (long distance = Line; distance <= 4 * Caches.L1Way; distance += 4)
        {
            long most = 0;
            for (long phase = 0; phase < Line; phase += 4)
                most = Math.Max(most, Enumerable.Range(0, Rows).GroupBy(i => (phase + i * distance) / Line % (Caches.L1Way / Line)).Max(g => g.Count()));
            Assert.True(!(most > Caches.L1Ways) || Blocked.Crowd(distance, Rows), $"{Rows} rows {distance} bytes apart: {most} in one set of {Caches.L1Ways} ways");
        }
        Assert.False(Blocked.Crowd(1000 * sizeof(float), Rows));
    }

    [Fact]
    public void Every_lie()
    {
        foreach (var a in Enum.GetValues<Lie>())
            foreach (var b in Enum.GetValues<Lie>())
                foreach (var c in new[] { Lie.Rows, Lie.Columns, Lie.PaddedRows, Lie.Both, Lie.Backward })
                    foreach (var (m, n, k) in new[] { (1, 40, 70), (40, 1, 70), (1, 1, 100), (3, 50, 80), (4, 7, 90), (26, 37, 19), (40, 100, 33) })
                    {
                        Check<float>(m, n, k, a, b, c, false, true);
                        Check<double>(m, n, k, a, b, c, true, false);
                    }
    }

    [Theory]
    [InlineData(1, 3000, 300), InlineData(3000, 1, 300), InlineData(4, 500, 600), InlineData(3, 3001, 1502), InlineData(8, 4100, 1100)]
    [InlineData(150, 200, 600), InlineData(300, 70, 1100), InlineData(2, 9000, 40)]
    public void Larger_than_the_blocks(int m, int n, int k)
    {
        foreach (var (a, b) in new[] { (Lie.Rows, Lie.Rows), (Lie.Columns, Lie.Rows), (Lie.Rows, Lie.Columns), (Lie.Columns, Lie.Columns) })
        {
            Check<float>(m, n, k, a, b, Lie.Rows, true, true);
            Check<double>(m, n, k, a, b, Lie.Columns, false, true);
        }
    }

    [Theory]
    [InlineData(300, 500, 700), InlineData(1, 5000, 300), InlineData(5000, 1, 300), InlineData(3, 3001, 1502)]
    [InlineData(3, 4000, 200), InlineData(64, 40, 3000), InlineData(4000, 10, 50)]
    public void Bits_do_not_depend_on_the_threads(int m, int n, int k)
    {
        using var _ = new Using(0);
        var random = new Random(1);
        float[] a = new float[m * k], b = new float[k * n], bias = new float[n];
        foreach (var x in new[] { a, b, bias })
            for (int i = 0; i < x.Length; i++) x[i] = random.NextSingle() - 0.5f;
        foreach (var (rsB, csB) in new[] { (n, 1), (1, k) })
        {
            float[]? first = null;
            foreach (int threads in new[] { 1, 2, 3, 7 })
            {
                Threads.Count = threads;
                var c = new float[m * n];
                fixed (float* pa = a, pb = b, pc = c, pbias = bias) Gemm.Run(m, n, k, pa, k, 1, pb, rsB, csB, pc, n, 1, false, pbias);
                first ??= c;
                Assert.True(first.AsSpan().SequenceEqual(c), $"{threads} threads");
            }
        }
    }

    /// <summary>Of every width beside whole panels, and of both lies of the right factor.</summary>
    [Theory]
    [InlineData(5, 19, 11), InlineData(4, 4, 4), InlineData(13, 7, 3), InlineData(2, 9, 70), InlineData(12, 16, 16), InlineData(25, 33, 8), InlineData(3, 50, 1), InlineData(7, 3, 90)]
    public void Batches(int m, int n, int k)
    {
        using var _ = new Using(3);
        const int batch = 37;
        var random = new Random(2);
        using var a = new Guarded<float>(batch * m * k).Randomize(random);
        using var b = new Guarded<float>(k * n).Randomize(random);                     // one for all
        using var c = new Guarded<float>(batch * m * n).Randomize(random);
        using var bias = new Guarded<float>(n).Randomize(random);
        long* offA = stackalloc long[batch], offB = stackalloc long[batch], offC = stackalloc long[batch];
        for (int i = 0; i < batch; i++) (offA[i], offB[i], offC[i]) = (i * m * k, 0, (batch - 1 - i) * m * n);
        foreach (var (rsB, csB) in new[] { (n, 1), (1, k) })
        {
            Gemm.Batched(batch, offA, offB, offC, m, n, k, a.P, k, 1, b.P, rsB, csB, c.P, n, 1, false, csB == 1 ? bias.P : null);
            for (int i = 0; i < batch; i++)
                for (int r = 0; r < m; r++)
                    for (int j = 0; j < n; j++)
                    {
                        double s = csB == 1 ? bias[j] : 0;
                        for (int q = 0; q < k; q++) s += a[offA[i] + r * k + q] * b[q * rsB + j * csB];
                        Assert.Equal(s, c[offC[i] + r * n + j]);
                    }
        }
        Assert.True(a.FencesStand && b.FencesStand && c.FencesStand && bias.FencesStand);
    }

    [Fact]
    public void Not_a_number_and_infinity_stay_in_their_rows_and_columns()
    {
        const int m = 30, n = 50, k = 40;
        float[] a = new float[m * k], b = new float[k * n], c = new float[m * n];
        Array.Fill(a, 1f);
        Array.Fill(b, 1f);
        a[7 * k + 3] = float.NaN;
        b[5 * n + 49] = float.PositiveInfinity;
        fixed (float* pa = a, pb = b, pc = c) Gemm.Run(m, n, k, pa, k, 1, pb, n, 1, pc, n, 1, false, null);
        for (int i = 0; i < m; i++)
            for (int j = 0; j < n; j++) Assert.Equal(i == 7 ? float.NaN : j == 49 ? float.PositiveInfinity : k, c[i * n + j]);
    }
}

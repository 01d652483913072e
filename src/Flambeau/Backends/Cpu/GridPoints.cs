using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Flambeau.Ops;

namespace Flambeau.Backends.Cpu;

/// <summary>A grid's points and how they are taken.</summary>
internal readonly unsafe struct GridPlan<E> where E : unmanaged
{
    public readonly E* Grid;
    public readonly GridAxis[] Axes;

    public GridPlan(E* grid, GridAxis[] axes, long points)
    {
        Grid = grid;
        (Axes, Points, Plane, Taps) = (axes, points, 1, 1);
        foreach (GridAxis a in axes)
        {
            Plane *= a.Size;
            Taps *= a.Taps;
        }
        IsBilinear = typeof(E) == typeof(float) && axes.Length == 2 && axes[0].By.Mode == GridMode.Bilinear && axes[1].Size > 1 && Plane < int.MaxValue;
        Block = (int)Math.Min((points + 63) / 64 * 64, Math.Min(512, 4096 / Taps));
    }

    /// <summary>Points of an image.</summary>
    public long Points { get; }

    /// <summary>Pixels of a plane.</summary>
    public long Plane { get; }

    /// <summary>Pixels that make a point.</summary>
    public int Taps { get; }

    /// <summary>Whether rows of images give two neighbours at once.</summary>
    public bool IsBilinear { get; }

    /// <summary>Points found at once: few enough that what is known of them stays in L2, and enough that a plane, read from there once for all, costs little.</summary>
    public int Block { get; }
}

/// <summary>
/// A block of points, found: the pixels of a plane that make each of them, −1 for those outside, and their weights. As pairs: the left one of two
/// neighbours in a row, or where that or the next lies outside, of the two nearest inside, and masks and weights of both; likewise in the row below.
/// </summary>
internal readonly unsafe struct GridPoints<E, L> where E : unmanaged, IBinaryFloatingPointIeee754<E> where L : struct, ILane<L>
{
    const MethodImplOptions Hot = MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining;

    readonly GridPlan<E> _plan;
    readonly bool _pairs, _slopes;
    readonly E* _places, _alongAxes;                  // along axes: pixel, weight and slope of each tap of each axis, a block each
    readonly nint* _at;
    readonly E* _weights, _sums;
    readonly int* _top, _bottom;                      // of pairs; weights, masks and sums of those above, then of those below
    readonly float* _w, _mask, _sum, _x, _xSlope;

    public GridPoints(GridPlan<E> plan, bool slopes)
    {
        bool pairs = plan.IsBilinear;
        (_plan, _pairs, _slopes) = (plan, pairs, slopes);
        long n = plan.Block, axes = 3 * plan.Axes.Length * plan.Axes[0].Taps;
        byte* p = Scratch.Get<byte>(Scratch.Use.Table, n * (sizeof(E) * (1 + axes) + (pairs ? 8 + 16 * sizeof(float) : plan.Taps * (sizeof(nint) + 2 * sizeof(E)))));
        _places = (E*)p;
        _alongAxes = _places + n;
        p = (byte*)(_alongAxes + axes * n);
        if (pairs)
        {
            _top = (int*)p;
            _bottom = _top + n;
            _w = (float*)(_bottom + n);
            _mask = _w + 4 * n;
            _sum = _mask + 4 * n;
            _x = _sum + 4 * n;
            _xSlope = _x + 2 * n;
        }
        else
        {
            _at = (nint*)p;
            _weights = (E*)(_at + plan.Taps * n);
            _sums = _weights + plan.Taps * n;
        }
    }

    E* Along(int axis, int tap, int what) => _alongAxes + ((axis * _plan.Axes[0].Taps + tap) * 3 + what) * _plan.Block;

    /// <summary>Finds the points of image <paramref name="n"/> from number <paramref name="first"/> on; answers how many.</summary>
    public int Find(long n, long first)
    {
        int count = (int)Math.Min(_plan.Block, _plan.Points - first), axes = _plan.Axes.Length;
        for (int d = 0; d < axes; d++)
        {
            Take(_plan.Grid + (n * _plan.Points + first) * axes + axes - 1 - d, axes, count, _places);
            for (int k = 0; k < _plan.Axes[d].Taps; k++) Place(_plan.Axes[d], k, _places, count, Along(d, k, 0), Along(d, k, 1), _slopes ? Along(d, k, 2) : null);
        }
        if (_pairs) FindPairs(count);
        else if (axes == 2) FindPixels(count);
        else FindVoxels(count);
        return count;
    }

    [MethodImpl(Hot)]
    static void Take(E* from, int step, int count, E* to)
    {
        for (int p = 0; p < count; p++, from += step) to[p] = *from;
        for (int p = count; p % L.Count != 0; p++) to[p] = E.Zero;
    }

    [MethodImpl(Hot)]
    static void Place(GridAxis axis, int k, E* u, int count, E* pixel, E* weight, E* slope)
    {
        for (int p = 0; p < count; p += L.Count)
        {
            L.Store(axis.Tap(L.Load(u + p), k, out L w, out L s), pixel + p);
            L.Store(w, weight + p);
            if (slope != null) L.Store(s, slope + p);
        }
    }

    [MethodImpl(Hot)]
    void FindPixels(int count)
    {
        int taps = _plan.Axes[0].Taps;
        nint width = (nint)_plan.Axes[1].Size;
        for (int i = 0; i < taps; i++)
            for (int j = 0; j < taps; j++)
            {
                E* y = Along(0, i, 0), x = Along(1, j, 0), wy = Along(0, i, 1), wx = Along(1, j, 1), w = _weights + i * taps + j;
                nint* at = _at + i * taps + j;
                for (int p = 0; p < count; p++, at += taps * taps, w += taps * taps)
                {
                    *at = y[p] < E.Zero || x[p] < E.Zero ? -1 : E.ConvertToIntegerNative<nint>(y[p]) * width + E.ConvertToIntegerNative<nint>(x[p]);
                    *w = wy[p] * wx[p];
                }
            }
    }

    [MethodImpl(Hot)]
    void FindVoxels(int count)
    {
        int taps = _plan.Axes[0].Taps, all = _plan.Taps;
        nint height = (nint)_plan.Axes[1].Size, width = (nint)_plan.Axes[2].Size;
        for (int t = 0; t < all; t++)
        {
            int i = t / taps / taps, j = t / taps % taps, k = t % taps;
            E* z = Along(0, i, 0), y = Along(1, j, 0), x = Along(2, k, 0), wz = Along(0, i, 1), wy = Along(1, j, 1), wx = Along(2, k, 1);
            for (int p = 0; p < count; p++)
            {
                bool isOutside = z[p] < E.Zero || y[p] < E.Zero || x[p] < E.Zero;
                _at[p * all + t] = isOutside ? -1 : (E.ConvertToIntegerNative<nint>(z[p]) * height + E.ConvertToIntegerNative<nint>(y[p])) * width + E.ConvertToIntegerNative<nint>(x[p]);
                _weights[p * all + t] = wz[p] * wy[p] * wx[p];
            }
        }
    }

    // Four points at a time. Of a place left of the image the second pixel is the first of the pair, of one at the right edge the first is the second.
    [MethodImpl(Hot)]
    void FindPairs(int count)
    {
        int width = (int)_plan.Axes[1].Size, n = _plan.Block;
        float* y0 = (float*)Along(0, 0, 0), v0 = (float*)Along(0, 0, 1), y1 = (float*)Along(0, 1, 0), v1 = (float*)Along(0, 1, 1);
        float* x0 = (float*)Along(1, 0, 0), u0 = (float*)Along(1, 0, 1), x1 = (float*)Along(1, 1, 0), u1 = (float*)Along(1, 1, 1), s0 = (float*)Along(1, 0, 2), s1 = (float*)Along(1, 1, 2);
        float* w = _w, mask = _mask, below = w + 2 * n, maskBelow = mask + 2 * n, ax = _x, xSlope = _xSlope;
        int* above = _top, under = _bottom;
        bool slopes = _slopes;
        Vector128<float> zero = default, last = Vector128.Create(width - 1f), last2 = Vector128.Create(width - 2f);
        for (int p = 0; p < count; p += 4)
        {
            Vector128<float> x = Vector128.Load(x0 + p), y = Vector128.Load(y0 + p), z = Vector128.Load(y1 + p);
            Vector128<float> isIn = Vector128.GreaterThanOrEqual(x, zero), isNextIn = Vector128.GreaterThanOrEqual(Vector128.Load(x1 + p), zero);
            Vector128<float> atEnd = Vector128.Equals(x, last), atStart = Vector128.AndNot(isNextIn, isIn), top = Vector128.GreaterThanOrEqual(y, zero), bottom = Vector128.GreaterThanOrEqual(z, zero);
            Vector128<int> left = Vector128.ConvertToInt32Native(Vector128.MaxNative(Vector128.MinNative(x, last2), zero));
            (Vector128.ConvertToInt32Native(Vector128.MaxNative(y, zero)) * width + left).Store(above + p);
            (Vector128.ConvertToInt32Native(Vector128.MaxNative(z, zero)) * width + left).Store(under + p);
            (Vector128<float> a, Vector128<float> b) = Moved(Vector128.Load(u0 + p), Vector128.Load(u1 + p), atStart, atEnd);
            Vector128<float> ma = Vector128.AndNot(isIn | isNextIn, atEnd), va = Vector128.Load(v0 + p), vb = Vector128.Load(v1 + p);
            StorePairs(va * a, va * b, w + 2 * p);
            StorePairs(vb * a, vb * b, below + 2 * p);
            StorePairs(top & ma, top & isIn, mask + 2 * p);
            StorePairs(bottom & ma, bottom & isIn, maskBelow + 2 * p);
            if (!slopes) continue;
            StorePairs(a, b, ax + 2 * p);
            (a, b) = Moved(Vector128.Load(s0 + p), Vector128.Load(s1 + p), atStart, atEnd);
            StorePairs(a, b, xSlope + 2 * p);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (Vector128<float>, Vector128<float>) Moved(Vector128<float> a, Vector128<float> b, Vector128<float> atStart, Vector128<float> atEnd) =>
        (Vector128.AndNot(Vector128.ConditionalSelect(atStart, b, a), atEnd), Vector128.AndNot(Vector128.ConditionalSelect(atEnd, a, b), atStart));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void StorePairs(Vector128<float> a, Vector128<float> b, float* to)
    {
        (Vector128.WidenLower(a.AsUInt32()) | Vector128.WidenLower(b.AsUInt32()) << 32).AsSingle().Store(to);
        (Vector128.WidenUpper(a.AsUInt32()) | Vector128.WidenUpper(b.AsUInt32()) << 32).AsSingle().Store(to + 4);
    }

    /// <summary>y: the points in a plane.</summary>
    public void Read(E* plane, int count, E* y)
    {
        if (_pairs) ReadPairs((float*)plane, count, (float*)y);
        else if (_plan.Taps == 1) ReadNearest(plane, count, y);
        else ReadPixels(plane, count, y);
    }

    // One pixel, of weight 1.
    [MethodImpl(Hot)]
    void ReadNearest(E* plane, int count, E* y)
    {
        nint* at = _at;
        for (int p = 0; p < count; p++) y[p] = at[p] >= 0 ? plane[at[p]] : E.Zero;
    }

    [MethodImpl(Hot)]
    void SpreadNearest(E* g, int count, E* plane)
    {
        nint* at = _at;
        for (int p = 0; p < count; p++) if (at[p] >= 0) plane[at[p]] += g[p];
    }

    [MethodImpl(Hot)]
    void ReadPixels(E* plane, int count, E* y)
    {
        int taps = _plan.Taps;
        nint* at = _at;
        E* w = _weights;
        for (int p = 0; p < count; p++, at += taps, w += taps)
        {
            E sum = E.Zero;
            for (int t = 0; t < taps; t++) if (at[t] >= 0) sum += plane[at[t]] * w[t];
            y[p] = sum;
        }
    }

    [MethodImpl(Hot)]
    void ReadPairs(float* plane, int count, float* y)
    {
        int* top = _top, bottom = _bottom;
        float* w = _w, mask = _mask, below = w + 2 * _plan.Block, maskBelow = mask + 2 * _plan.Block;
        int p = 0;
        for (; p + 4 <= count; p += 4)
            Narrowed(Pairs(plane, top + p, mask + 2 * p) * Vector128.Load(w + 2 * p) + Pairs(plane, bottom + p, maskBelow + 2 * p) * Vector128.Load(below + 2 * p),
                Pairs(plane, top + p + 2, mask + 2 * p + 4) * Vector128.Load(w + 2 * p + 4) + Pairs(plane, bottom + p + 2, maskBelow + 2 * p + 4) * Vector128.Load(below + 2 * p + 4)).Store(y + p);
        for (; p < count; p += 2)
        {
            Vector128<float> two = Pairs(plane, top + p, mask + 2 * p) * Vector128.Load(w + 2 * p) + Pairs(plane, bottom + p, maskBelow + 2 * p) * Vector128.Load(below + 2 * p);
            y[p] = two[0] + two[1];
            if (p + 1 < count) y[p + 1] = two[2] + two[3];
        }
    }

    // Left plus right.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<float> Narrowed(Vector128<float> a, Vector128<float> b)
    {
        a += (a.AsUInt64() >>> 32).AsSingle();
        b += (b.AsUInt64() >>> 32).AsSingle();
        return Vector128.Narrow(a.AsUInt64(), b.AsUInt64()).AsSingle();
    }

    // Two pairs; 0 where the mask is.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<float> Pairs(float* plane, int* at, float* mask) => Vector128.Create(*(double*)(plane + at[0]), *(double*)(plane + at[1])).AsSingle() & Vector128.Load(mask);

    /// <summary>Adds to the plane's pixels what the points' gradients give them.</summary>
    public void Spread(E* g, int count, E* plane)
    {
        if (_pairs) SpreadPairs((float*)g, count, (float*)plane);
        else if (_plan.Taps == 1) SpreadNearest(g, count, plane);
        else SpreadPixels(g, count, plane);
    }

    [MethodImpl(Hot)]
    void SpreadPairs(float* g, int count, float* plane)
    {
        int* top = _top, bottom = _bottom;
        float* w = _w, mask = _mask, below = w + 2 * _plan.Block, maskBelow = mask + 2 * _plan.Block;
        for (int p = 0; p < count; p++)
        {
            AddPair(plane + top[p], g[p], w + 2 * p, *(long*)(mask + 2 * p));
            AddPair(plane + bottom[p], g[p], below + 2 * p, *(long*)(maskBelow + 2 * p));
        }
    }

    // One by one: the next pair often begins where this one ends, and would wait for a store that it only half covers.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void AddPair(float* to, float g, float* w, long mask)
    {
        if ((int)mask != 0) to[0] += g * w[0];
        if (mask >> 32 != 0) to[1] += g * w[1];
    }

    [MethodImpl(Hot)]
    void SpreadPixels(E* g, int count, E* plane)
    {
        int taps = _plan.Taps;
        nint* at = _at;
        E* w = _weights;
        for (int p = 0; p < count; p++, at += taps, w += taps)
        {
            E each = g[p];
            for (int t = 0; t < taps; t++) if (at[t] >= 0) plane[at[t]] += each * w[t];
        }
    }

    /// <summary>Begins the sums of <see cref="Sum"/>.</summary>
    public void ClearSums()
    {
        if (_pairs) new Span<float>(_sum, 4 * _plan.Block).Clear();
        else new Span<E>(_sums, _plan.Taps * _plan.Block).Clear();
    }

    /// <summary>Adds up over planes: the points' gradients times each of their pixels.</summary>
    public void Sum(E* plane, E* g, int count)
    {
        if (_pairs) SumPairs((float*)plane, (float*)g, count);
        else SumPixels(plane, g, count);
    }

    [MethodImpl(Hot)]
    void SumPixels(E* plane, E* g, int count)
    {
        int taps = _plan.Taps;
        nint* at = _at;
        E* sum = _sums;
        for (int p = 0; p < count; p++, at += taps, sum += taps)
        {
            E each = g[p];
            for (int t = 0; t < taps; t++) if (at[t] >= 0) sum[t] += each * plane[at[t]];
        }
    }

    [MethodImpl(Hot)]
    void SumPairs(float* plane, float* g, int count)
    {
        int* top = _top, bottom = _bottom;
        float* mask = _mask, maskBelow = mask + 2 * _plan.Block, sum = _sum, below = sum + 2 * _plan.Block;
        for (int p = 0; p < count; p += 2)
        {
            Vector128<float> each = p + 1 < count ? Vector128.Shuffle(Vector128.CreateScalarUnsafe(*(double*)(g + p)).AsSingle(), Vector128.Create(0, 0, 1, 1)) : Vector128.Create(g[p]);
            (Vector128.Load(sum + 2 * p) + each * Pairs(plane, top + p, mask + 2 * p)).Store(sum + 2 * p);
            (Vector128.Load(below + 2 * p) + each * Pairs(plane, bottom + p, maskBelow + 2 * p)).Store(below + 2 * p);
        }
    }

    /// <summary>The gradients of the points from the sums: each pixel's sum times the derivative of its weight.</summary>
    public void Slopes(int count, E* dGrid)
    {
        if (_pairs) SlopesOfPairs(count, (float*)dGrid);
        else SlopesOfPixels(count, dGrid);
    }

    [MethodImpl(Hot)]
    void SlopesOfPairs(int count, float* dGrid)
    {
        float* v0 = (float*)Along(0, 0, 1), v1 = (float*)Along(0, 1, 1), s0 = (float*)Along(0, 0, 2), s1 = (float*)Along(0, 1, 2), above = _sum, below = _sum + 2 * _plan.Block;
        for (int p = 0; p < count; p++)
        {
            (float a, float b, float c, float d) = (above[2 * p], above[2 * p + 1], below[2 * p], below[2 * p + 1]);
            dGrid[2 * p] = _xSlope[2 * p] * (v0[p] * a + v1[p] * c) + _xSlope[2 * p + 1] * (v0[p] * b + v1[p] * d);
            dGrid[2 * p + 1] = _x[2 * p] * (s0[p] * a + s1[p] * c) + _x[2 * p + 1] * (s0[p] * b + s1[p] * d);
        }
    }

    // Pixel by pixel: which tap of each axis it is takes divisions.
    [MethodImpl(Hot)]
    void SlopesOfPixels(int count, E* dGrid)
    {
        int axes = _plan.Axes.Length, own = _plan.Axes[0].Taps, taps = _plan.Taps;
        new Span<E>(dGrid, count * axes).Clear();
        for (int d = 0; d < axes; d++)
            for (int t = 0; t < taps; t++)
            {
                int fast = t % own, slow = t / own % own;
                E* x = Along(axes - 1, fast, d == axes - 1 ? 2 : 1), y = Along(axes - 2, slow, d == axes - 2 ? 2 : 1), z = axes == 3 ? Along(0, t / own / own, d == 0 ? 2 : 1) : null;
                E* sum = _sums + t, to = dGrid + axes - 1 - d;
                if (z == null) for (int p = 0; p < count; p++) to[p * axes] += sum[p * taps] * x[p] * y[p];
                else for (int p = 0; p < count; p++) to[p * axes] += sum[p * taps] * x[p] * y[p] * z[p];
            }
    }
}

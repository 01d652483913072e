using System.Numerics;

namespace Flambeau.Backends.Cpu;

/// <summary>Sorting and selecting among placed keys.</summary>
internal static unsafe class PlacedSort<T> where T : unmanaged, IPlaced<T>
{
    const int Small = 128;                            // below, comparing beats counting

    /// <summary>Sorts n items by keys of <paramref name="bytes"/> bytes, stably if equals come in the order of their places; the result is in
    /// one of the two arrays.</summary>
    public static T* Run(T* items, T* spare, long n, int bytes)
    {
        if (n <= 16)
        {
            Insertion(items, n);
            return items;
        }
        if (n <= Small)
        {
            Sort(items, n);
            return items;
        }
        // Digit by digit from the lowest, those in which keys differ at all.
        ulong first = items[0].Key, varying = 0;
        for (long i = 1; i < n; i++) varying |= items[i].Key ^ first;
        long* c = stackalloc long[256];
        for (int shift = 0; shift < 8 * bytes; shift += 8)
        {
            if ((byte)(varying >> shift) == 0) continue;
            new Span<long>(c, 256).Clear();
            for (long i = 0; i < n; i++) c[(byte)(items[i].Key >> shift)]++;
            long sum = 0;
            for (int k = 0; k < 256; k++) (c[k], sum) = (sum, sum + c[k]);
            for (long i = 0; i < n; i++) spare[c[(byte)(items[i].Key >> shift)]++] = items[i];
            T* t = items;
            items = spare;
            spare = t;
        }
        return items;
    }

    /// <summary>Sorts by keys; equals stay as they are.</summary>
    public static void Insertion(T* a, long n)
    {
        for (long i = 1; i < n; i++)
        {
            T t = a[i];
            long j = i;
            for (; j > 0 && t.Key < a[j - 1].Key; j--) a[j] = a[j - 1];
            a[j] = t;
        }
    }

    /// <summary>The item of rank <paramref name="k"/>, from 0, among keys and places.</summary>
    public static T Select(T* a, long n, long k)
    {
        long lo = 0, hi = n - 1;
        for (int patience = Patience(n); hi - lo > 24 && patience > 0; patience--)
        {
            T p = Middle(a[lo], a[lo + (hi - lo) / 2], a[hi]);
            long i = lo, j = hi;
            while (i <= j)
            {
                while (T.Less(a[i], p)) i++;
                while (T.Less(p, a[j])) j--;
                if (i > j) break;
                Swap(a, i++, j--);
            }
            if (k <= j) hi = j;
            else if (k >= i) lo = i;
            else return a[k];
        }
        Sort(a + lo, hi - lo + 1);
        return a[k];
    }

    /// <summary>The item whose key has rank <paramref name="k"/>, from 0; of equals the one that PyTorch's selection ends at.</summary>
    public static T Kth(T* a, long n, long k)
    {
        long l = 0, r = n - 1;
        for (int patience = 8 * Patience(n); r > l + 1; patience--)
        {
            if (patience == 0)
            {
                Sort(a + l, r - l + 1);
                return a[k];
            }
            Swap(a, l + (r - l) / 2, l + 1);
            Order(l + 1, r);
            Order(l, r);
            Order(l + 1, l);
            long i = l + 1, j = r;
            ulong pivot = a[l].Key;
            while (true)
            {
                do i++; while (pivot > a[i].Key);
                do j--; while (a[j].Key > pivot);
                if (j < i) break;
                Swap(a, i, j);
            }
            Swap(a, l, j);
            if (j <= k) l = i;
            if (j >= k) r = j - 1;
        }
        if (r == l + 1) Order(l, r);
        return a[k];

        void Order(long i, long j)
        {
            if (a[i].Key > a[j].Key) Swap(a, i, j);
        }
    }

    /// <summary>Brings the item whose key has rank <paramref name="nth"/>, from 0, to its place, lesser keys before it, greater ones behind:
    /// with the swaps of libstdc++'s <c>nth_element</c>, which decide in PyTorch which of several equals come before.</summary>
    public static void NthElement(T* a, long n, long nth)
    {
        long first = 0, last = n;
        for (int patience = 2 * BitOperations.Log2((ulong)n); last - first > 3; patience--)
        {
            if (patience == 0)
            {
                Sort(a + first, last - first);
                return;
            }
            long mid = first + (last - first) / 2;
            Swap(a, first, Median(first + 1, mid, last - 1));
            ulong pivot = a[first].Key;
            long i = first + 1, j = last;
            while (true)
            {
                while (a[i].Key < pivot) i++;
                do j--; while (pivot < a[j].Key);
                if (i >= j) break;
                Swap(a, i++, j);
            }
            if (i <= nth) first = i;
            else last = i;
        }
        Insertion(a + first, last - first);

        long Median(long x, long y, long z)
        {
            (ulong p, ulong q, ulong r) = (a[x].Key, a[y].Key, a[z].Key);
            return p < q ? q < r ? y : p < r ? z : x : p < r ? x : q < r ? z : y;
        }
    }

    static int Patience(long n) => 2 * BitOperations.Log2((ulong)n) + 4;

    static void Sort(T* a, long n) => T.Sort(new Span<T>(a, checked((int)n)));

    static void Swap(T* a, long i, long j) => (a[i], a[j]) = (a[j], a[i]);

    static T Middle(T a, T b, T c)
    {
        if (T.Less(b, a)) (a, b) = (b, a);
        return T.Less(c, a) ? a : T.Less(c, b) ? c : b;
    }
}

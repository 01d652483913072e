using Flambeau.Ops;

namespace Flambeau;

public partial class Tensor
{
    /// <summary>
    /// Sums of products by Einstein's convention: <c>Tensor.Einsum("bij,bjk->bik", a, b)</c>. Letters name axes; a letter twice in one operand is
    /// its diagonal; letters missing after <c>-></c> are summed over; <c>...</c> stands for axes that broadcast.
    /// </summary>
    /// <param name="equation">The axes of the operands, and after <c>-></c> those of the result. Without an arrow, the result has the letters that occur once, in the alphabet's order.</param>
    /// <param name="operands">The tensors, contracted from left to right.</param>
    /// <exception cref="ArgumentException">The equation does not fit the operands' axes or sizes.</exception>
    public static Tensor Einsum(string equation, params ReadOnlySpan<Tensor> operands)
    {
        string text = equation.Replace(" ", "", StringComparison.Ordinal);
        string[] sides = text.Split("->");
        if (sides.Length > 2) throw new ArgumentException($"Einsum: \"{equation}\" has more than one arrow.");
        string[] inputs = sides[0].Split(',');
        if (inputs.Length != operands.Length || operands.IsEmpty) throw new ArgumentException($"Einsum: \"{equation}\" names {inputs.Length} operands, but {operands.Length} are given.");

        // Letters as written; axes that an ellipsis stands for are named '\0', '\x01' …, counted from the last.
        int broadcast = 0;
        var labels = new char[operands.Length][];
        for (int i = 0; i < labels.Length; i++)
        {
            int dots = inputs[i].IndexOf("...", StringComparison.Ordinal);
            string letters = inputs[i].Replace("...", "", StringComparison.Ordinal);
            Letters(letters, equation);
            int hidden = operands[i].Rank - letters.Length;
            if (hidden < 0 || dots < 0 && hidden > 0)
                throw new ArgumentException($"Einsum: \"{inputs[i]}\" names {letters.Length} axes of operand {i}, which has shape {operands[i].Shape}. Name every axis, or write ... for the others.");
            broadcast = Math.Max(broadcast, hidden);
            labels[i] = dots < 0 ? letters.ToCharArray() : [.. letters[..dots], .. Hidden(hidden), .. letters[dots..]];
        }
        char[] result = sides.Length == 2 ? Result(sides[1], broadcast, equation) : Implied(labels, broadcast);
        foreach (char c in result)
            if (c >= 'A' && !labels.Any(l => l.Contains(c))) throw new ArgumentException($"Einsum: the result of \"{equation}\" names {c}, which no operand has.");
        if (result.Distinct().Count() != result.Length) throw new ArgumentException($"Einsum: the result of \"{equation}\" names an axis twice.");

        char[] all = [.. result, .. labels.SelectMany(l => l).Distinct().Where(c => !result.Contains(c))];
        CheckSizes(equation, labels, operands);
        Tensor y = Arranged(operands[0], labels[0], all);
        for (int i = 1; i <= labels.Length; i++)
        {
            // Axes that are neither in the result nor in a later operand can be summed now.
            long[] gone = [.. Enumerable.Range(result.Length, all.Length - result.Length).Where(d => !labels.Skip(i + 1).Any(l => l.Contains(all[d]))).Select(d => (long)d)];
            if (i == labels.Length) return labels.Length > 1 || all.Length == result.Length ? y.Reshape(y.Shape[..result.Length]) : y.Sum(gone);
            y = Contract(y, Arranged(operands[i], labels[i], all), gone);
        }
        return y;
    }

    static char[] Hidden(int n) => [.. Enumerable.Range(0, n).Select(k => (char)(n - 1 - k))];

    static void Letters(string letters, string equation)
    {
        foreach (char c in letters)
            if (!char.IsAsciiLetter(c)) throw new ArgumentException($"Einsum: '{c}' in \"{equation}\" is no letter. Axes are named a–z and A–Z, others stand as \"...\".");
    }

    static char[] Result(string side, int broadcast, string equation)
    {
        int dots = side.IndexOf("...", StringComparison.Ordinal);
        string letters = side.Replace("...", "", StringComparison.Ordinal);
        Letters(letters, equation);
        return dots < 0 ? letters.ToCharArray() : [.. letters[..dots], .. Hidden(broadcast), .. letters[dots..]];
    }

    static char[] Implied(char[][] labels, int broadcast) =>
        [.. Hidden(broadcast), .. labels.SelectMany(l => l).Where(char.IsAsciiLetter).GroupBy(c => c).Where(g => g.Count() == 1).Select(g => g.Key).Order()];

    static void CheckSizes(string equation, char[][] labels, ReadOnlySpan<Tensor> operands)
    {
        Dictionary<char, long> sizes = [];
        for (int i = 0; i < labels.Length; i++)
            for (int d = 0; d < labels[i].Length; d++)
            {
                long n = operands[i].Shape[d];
                if (sizes.TryGetValue(labels[i][d], out long m) && m != n && m != 1 && n != 1)
                    throw new ArgumentException($"Einsum: in \"{equation}\" axis {(labels[i][d] >= 'A' ? labels[i][d] : "...")} has size {m} in one place and {n} in another.");
                if (!sizes.ContainsKey(labels[i][d]) || m == 1) sizes[labels[i][d]] = n;
            }
    }

    /// <summary>The operand with one axis for each label, of size 1 where it has none.</summary>
    static Tensor Arranged(Tensor x, char[] labels, char[] all)
    {
        List<char> own = [.. labels];
        for (int d = 0; d < own.Count; d++)
            for (int e = own.Count - 1; e > d; e--)
                if (own[e] == own[d])
                {
                    if (x.Shape[d] != x.Shape[e]) throw new ArgumentException($"Einsum: the diagonal of axes {d} and {e} of {x.Shape}, both named {own[d]}, needs equal sizes.");
                    x = x.Diagonal(0, d, e).MoveDim(-1, d);
                    own.RemoveAt(e);
                }
        List<long> order = [];
        foreach (char c in all) if (own.IndexOf(c) is >= 0 and var d) order.Add(d);
        x = x.Permute(order.ToArray());
        for (int d = 0; d < all.Length; d++) if (!own.Contains(all[d])) x = x.Unsqueeze(d);
        return x;
    }

    /// <summary>Σ a · b over the axes <paramref name="gone"/>, which stay with size 1: one batched matrix product, or where that would be one of vectors, a sum.</summary>
    static Tensor Contract(Tensor a, Tensor b, long[] gone)
    {
        List<long> batch = [], left = [], right = [], inner = [], onlyA = [], onlyB = [];
        for (int d = 0; d < a.Rank; d++)
        {
            bool inA = a.Shape[d] != 1, inB = b.Shape[d] != 1, sum = gone.Contains(d);
            (sum ? inA && inB ? inner : inA ? onlyA : onlyB : inA && inB ? batch : inA ? left : right).Add(d);
        }
        if (onlyA.Count > 0) a = a.Sum(onlyA.ToArray(), true, a.DType);
        if (onlyB.Count > 0) b = b.Sum(onlyB.ToArray(), true, b.DType);
        if (inner.Count == 0) return a * b;
        if (batch.Count > 0 && left.Count + right.Count == 0 && SumOf<Mul>.Takes(a, b)) return Op.Apply(new SumOf<Mul>(default, Axes.Of("Einsum", inner.ToArray(), a.Rank), true), a, b);
        long[] rest = [.. onlyA, .. onlyB];
        long Size(Tensor x, List<long> axes) => axes.Aggregate(1L, (n, d) => n * x.Shape[(int)d]);
        Tensor p = a.Permute([.. batch, .. left, .. inner, .. right, .. rest]).Reshape(Size(a, batch), Size(a, left), Size(a, inner));
        Tensor q = b.Permute([.. batch, .. inner, .. right, .. left, .. rest]).Reshape(Size(b, batch), Size(b, inner), Size(b, right));
        long[] order = [.. batch, .. left, .. right, .. inner, .. rest], back = new long[order.Length];
        for (int i = 0; i < order.Length; i++) back[order[i]] = i;
        List<long> shape = [.. batch.Select(d => a.Shape[(int)d]), .. left.Select(d => a.Shape[(int)d]), .. right.Select(d => b.Shape[(int)d])];
        while (shape.Count < a.Rank) shape.Add(1);
        return p.Bmm(q).Reshape(shape.ToArray()).Permute(back);
    }
}

using System.Text;

namespace Flambeau;

/// <summary>Cells as lines of text under a head.</summary>
static class TextTable
{
    /// <summary>The first line is the head; from column <paramref name="rightFrom"/> on, cells end at the right.</summary>
    public static string Of(IReadOnlyList<string[]> cells, int rightFrom)
    {
        int[] widths = [.. Enumerable.Range(0, cells[0].Length).Select(c => cells.Max(r => r[c].Length))];
        StringBuilder s = new();
        string rule = new('─', widths.Sum() + 2 * (widths.Length - 1));
        for (int r = 0; r < cells.Count; r++)
        {
            s.Append(string.Join("  ", cells[r].Select((c, i) => i < rightFrom ? c.PadRight(widths[i]) : c.PadLeft(widths[i]))).TrimEnd()).Append('\n');
            if (r == 0) s.Append(rule).Append('\n');
        }
        return s.Append(rule).Append('\n').ToString();
    }
}

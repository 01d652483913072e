using System.Globalization;
using System.Numerics;
using System.Text;

namespace Flambeau;

// Printing as PyTorch prints: four digits, scientific where magnitudes differ by more than 1,000, the middle of large tensors left out.
public partial class Tensor
{
    const int EdgeItems = 3, LineWidth = 80, Threshold = 1000;

    /// <summary>The values as PyTorch prints them, with the type where it is not the default, and the history.</summary>
    public override string ToString()
    {
        if (Lift is { } lift) return lift.By.Text(this, lift);
        const string prefix = "tensor(";
        List<string> suffixes = [];
        if (DType != DefaultDType && DType is not (DType.Int64 or DType.Bool)) suffixes.Add($"dtype={DType.ToString().ToLowerInvariant()}");
        string body;
        if (Device.IsMeta)
        {
            body = "...";
            suffixes.InsertRange(0, ["device='meta'", $"size={Shape}"]);
        }
        else if (Count == 0)
        {
            body = "[]";
            if (Rank != 1) suffixes.Insert(0, $"size={Shape}");
        }
        else
        {
            Tensor shown = Detach();
            bool summarize = Count > Threshold;
            Formatter f = new(Sample(shown, summarize).ToArray<Complex>(), DType);
            body = Format(shown, prefix.Length, summarize, f);
        }
        if (GradFn is { } n) suffixes.Add($"grad_fn={n}");
        else if (RequiresGrad) suffixes.Add("requires_grad=True");
        StringBuilder text = new(prefix + body);
        int column = text.Length - (text.ToString().LastIndexOf('\n') + 1) + 1;
        foreach (string s in suffixes)
        {
            bool wraps = column + s.Length + 2 > LineWidth;
            text.Append(wraps ? ",\n" + new string(' ', prefix.Length) : ", ").Append(s);
            column = wraps ? prefix.Length + s.Length : column + s.Length + 2;
        }
        return text.Append(')').ToString();
    }

    /// <summary>What will be shown: the first and last three along each axis.</summary>
    static Tensor Sample(Tensor x, bool summarize)
    {
        if (!summarize) return x;
        using var _ = Autograd.NoGrad();
        for (int d = 0; d < x.Rank; d++)
            if (x.Shape[d] > 2 * EdgeItems) x = Cat([x.Narrow(d, 0, EdgeItems), x.Narrow(d, x.Shape[d] - EdgeItems, EdgeItems)], d);
        return x;
    }

    static string Format(Tensor x, int indent, bool summarize, Formatter f)
    {
        if (x.Rank == 0) return f.Text(x.Item<Complex>(), pad: false);
        long n = x.Shape[0];
        bool cut = summarize && n > 2 * EdgeItems;
        if (x.Rank == 1)
        {
            List<string> items = [.. (cut ? x.Narrow(0, 0, EdgeItems) : x).ToArray<Complex>().Select(v => f.Text(v))];
            if (cut)
            {
                items.Add(" ...");
                items.AddRange(x.Narrow(0, n - EdgeItems, EdgeItems).ToArray<Complex>().Select(v => f.Text(v)));
            }
            int perLine = Math.Max(1, (LineWidth - indent) / (f.Width + 2));
            return "[" + string.Join(",\n" + new string(' ', indent + 1), items.Chunk(perLine).Select(l => string.Join(", ", l))) + "]";
        }
        List<string> slices = [];
        for (long i = 0; i < n; i++)
        {
            if (cut && i == EdgeItems)
            {
                slices.Add("...");
                i = n - EdgeItems;
            }
            slices.Add(Format(x.Select(0, i), indent + 1, summarize, f));
        }
        return "[" + string.Join("," + new string('\n', x.Rank - 1) + new string(' ', indent + 1), slices) + "]";
    }

    /// <summary>One format for all values of a tensor.</summary>
    sealed class Formatter
    {
        readonly DType _dtype;
        readonly string _real = "", _imaginary = "";
        readonly int _realWidth, _imaginaryWidth;

        public Formatter(Complex[] values, DType dtype)
        {
            _dtype = dtype;
            if (dtype.IsDifferentiable) _real = Choose(values.Select(v => v.Real));
            if (dtype.IsComplex) _imaginary = Choose(values.Select(v => v.Imaginary));
            _realWidth = values.Max(v => Part(v.Real, _real).Length);
            if (dtype.IsComplex) _imaginaryWidth = values.Max(v => Part(Math.Abs(v.Imaginary), _imaginary).Length);
        }

        public int Width => _dtype.IsComplex ? _realWidth + _imaginaryWidth + 2 : _realWidth;

        public string Text(Complex v, bool pad = true)
        {
            string real = Part(v.Real, _real);
            if (pad) real = real.PadLeft(_realWidth);
            if (!_dtype.IsComplex) return real;
            string imaginary = Part(Math.Abs(v.Imaginary), _imaginary) + "j";
            return real + (double.IsNegative(v.Imaginary) ? "-" : "+") + (pad ? imaginary.PadRight(_imaginaryWidth + 1) : imaginary);
        }

        /// <summary>A format of whole numbers with a point, of four decimals, or scientific.</summary>
        static string Choose(IEnumerable<double> values)
        {
            double[] finite = [.. values.Where(v => double.IsFinite(v) && v != 0).Select(Math.Abs)];
            if (finite.Length == 0) return "0.";
            double max = finite.Max(), min = finite.Min();
            bool whole = finite.All(v => v == Math.Ceiling(v));
            if (max / min > 1000 || max > 1e8 || !whole && min < 1e-4) return "0.0000e+00";
            return whole ? "0." : "0.0000";
        }

        string Part(double v, string format)
        {
            if (_dtype == DType.Bool) return v != 0 ? "True" : "False";
            if (!_dtype.IsDifferentiable) return ((long)v).ToString(CultureInfo.InvariantCulture);
            if (double.IsNaN(v)) return "nan";
            if (double.IsInfinity(v)) return v > 0 ? "inf" : "-inf";
            string s = v.ToString(format == "0." ? "0" : format, CultureInfo.InvariantCulture);
            if (v == 0 && double.IsNegative(v) && !s.StartsWith('-')) s = "-" + s;
            return format == "0." ? s + "." : s;
        }
    }
}

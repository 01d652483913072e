using System.Numerics;
using Flambeau.IO;

namespace Flambeau.Conformance;

/// <summary>
/// Files of <c>torch.save</c>: every one must be read; a model's must compute what PyTorch computed; a TorchScript archive's and a legacy
/// file's contents must be those of the plain file of the same name; and what is saved again must be read the same.
/// </summary>
public sealed class CheckpointsSuite : ISuite
{
    /// <inheritdoc/>
    public string Name => "checkpoints";

    /// <inheritdoc/>
    public IEnumerable<Outcome> Run(Corpus corpus, string? filter = null)
    {
        IReadOnlyList<string> names = corpus.Names();
        foreach (string file in names)
        {
            if (!file.EndsWith(".pt", StringComparison.Ordinal) && !file.EndsWith(".pth", StringComparison.Ordinal) || filter is not null && !file.Contains(filter, StringComparison.OrdinalIgnoreCase)) continue;
            string stem = file[..file.LastIndexOf('.')];
            object? tree = null;
            yield return Try(file, "load", () =>
            {
                tree = TorchFile.Load(new MemoryStream(corpus.Bytes(file)));
                return null;
            });
            if (tree is null) continue;
            string plain = Without(Without(stem, ".torchscript"), ".legacy") + ".pt";
            if (stem.EndsWith(".torchscript", StringComparison.Ordinal))
            {
                if (names.Contains(plain)) yield return Try(file, "weights", () => SameWeights(StateOf(corpus, plain), StateOf(corpus, file)));
                continue;
            }
            if (plain != file && names.Contains(plain)) yield return Try(file, "contents", () => Same("", TorchFile.Load(new MemoryStream(corpus.Bytes(plain))), tree));
            if (tree is TorchScriptObject) continue;
            yield return Try(file, "saved again", () =>
            {
                using MemoryStream memory = new();
                TorchFile.Save(memory, tree);
                memory.Position = 0;
                return Same("", tree, TorchFile.Load(memory));
            });
            if (Path.GetFileName(file).StartsWith("odd", StringComparison.Ordinal)) foreach (Outcome o in Odd(file, tree)) yield return o;
            if (!names.Contains(stem + ".io.safetensors")) continue;
            yield return Try(file, "output", () =>
            {
                Recorded io = corpus.Read(stem + ".io.safetensors");
                Func<Tensor, Tensor> model = CheckpointModels.Make(StateOf(corpus, file)) ?? throw new NotSupportedException("no architecture of the table has these weights");
                using var _ = Autograd.NoGrad();
                return Comparison.Difference("output", io.Tensor(io.Case["output"]), model(io.Tensor(io.Case["input"])), (1e-4, 1e-5));
            });
        }
    }

    static string Without(string name, string end) => name.EndsWith(end, StringComparison.Ordinal) ? name[..^end.Length] : name;

    static OrderedDictionary<string, Tensor> StateOf(Corpus corpus, string file) => TorchFile.LoadStateDict(new MemoryStream(corpus.Bytes(file)));

    static Outcome Try(string file, string what, Func<string?> difference)
    {
        try { return difference() is { } d ? new(file, what, Status.Failed, d) : new(file, what, Status.Passed); }
        catch (NotSupportedException e) { return new(file, what, Status.Unsupported, e.Message); }
        catch (Exception e) { return new(file, what, Status.Failed, $"{e.GetType().Name}: {e.Message}"); }
    }

    static string? SameWeights(OrderedDictionary<string, Tensor> expected, OrderedDictionary<string, Tensor> actual)
    {
        foreach ((string name, Tensor t) in expected)
        {
            // TorchScript drops what the forward pass does not use.
            if (!actual.TryGetValue(name, out Tensor? a)) { if (name.EndsWith(".num_batches_tracked", StringComparison.Ordinal)) continue; return $"{name} is missing"; }
            if (Comparison.Difference(name, t, a, (0, 0)) is { } d) return d;
        }
        return actual.Keys.FirstOrDefault(k => !expected.ContainsKey(k)) is { } more ? $"{more} is there, too" : null;
    }

    static string? Same(string path, object? e, object? a)
    {
        switch (e, a)
        {
            case (Tensor x, Tensor y):
                if (x.RequiresGrad != y.RequiresGrad || x is Nn.Parameter != y is Nn.Parameter) return $"{path}: another kind of tensor";
                if (!x.Strides.SequenceEqual(y.Strides) && x.Count > 0 && x.Layout.Offset == 0) return $"{path}: other strides";
                return Comparison.Difference(path, x.Detach(), y.Detach(), (0, 0));
            case (OrderedDictionary<object, object?> x, OrderedDictionary<object, object?> y):
                if (!x.Keys.SequenceEqual(y.Keys)) return $"{path}: other keys";
                return x.Keys.Select(k => Same($"{path}/{k}", x[k], y[k])).FirstOrDefault(d => d is not null);
            case (IReadOnlyList<object?> x, IReadOnlyList<object?> y):
                if (x.Count != y.Count || x.GetType() != y.GetType()) return $"{path}: another list";
                return x.Select((v, i) => Same($"{path}/{i}", v, y[i])).FirstOrDefault(d => d is not null);
            case (HashSet<object?> x, HashSet<object?> y): return x.SetEquals(y) ? null : $"{path}: another set";
            case (byte[] x, byte[] y): return x.AsSpan().SequenceEqual(y) ? null : $"{path}: other bytes";
            default: return Equals(e, a) ? null : $"{path}: {e} expected, {a} came";
        }
    }

    /// <summary>The contents of the file of many kinds of value.</summary>
    static IEnumerable<Outcome> Odd(string file, object? tree)
    {
        if (tree is not OrderedDictionary<object, object?> d) yield break;
        foreach (object k in d.Keys)
        {
            string key = (string)k;
            object? value = d[key];
            bool? ok = key switch
            {
                "base" => Is(value, Tensor.Arange(24, DType.Float32).Reshape(4, 6)),
                "view" => Is(value, Tensor.From(new float[,] { { 6, 8, 10 }, { 12, 14, 16 } })) && ReferenceEquals(((Tensor)value!).Storage, ((Tensor)d["base"]!).Storage),
                "transposed" => Is(value, Tensor.Arange(24, DType.Float32).Reshape(4, 6).T) && ReferenceEquals(((Tensor)value!).Storage, ((Tensor)d["base"]!).Storage),
                "scalar" => Is(value, Tensor.FromScalar(3.5)),
                "empty" => Is(value, Tensor.Zeros(0, 4)),
                "nested" => value is OrderedDictionary<object, object?> n && n["list"] is List<object?> and [Tensor a, 3L, "text", null, true, 2.5] && Is(a, Tensor.Ones(2))
                    && n["tuple"] is object?[] and [Tensor b, 1L] && Is(b, Tensor.Zeros(1)),
                "bool" => Is(value, Tensor.From(new[] { false, true, true })),
                "param" => value is Nn.Parameter { RequiresGrad: true } p && Is(p.Detach(), Tensor.Ones(2, 2)),
                "optimizer" => value is OrderedDictionary<object, object?> o && o["param_groups"] is List<object?> and [OrderedDictionary<object, object?> g] && g["betas"] is object?[] and [0.9, 0.999]
                    && o["state"] is OrderedDictionary<object, object?> s && s[1L] is OrderedDictionary<object, object?> one && one["exp_avg"] is Tensor { Rank: 1 },
                "big_int" => value is 1099511627776L,
                "unicode" => value is "naïve 火",
                "size" => value is Dims and [2, 3],
                _ when Enum.TryParse(key, ignoreCase: true, out DType t) => Is(value, Tensor.Arange(3).To(t)),
                _ => null,
            };
            if (ok is not null) yield return new(file, key, ok.Value ? Status.Passed : Status.Failed, ok.Value ? null : $"{value} is not what was saved");
        }
    }

    static bool Is(object? value, Tensor expected) => value is Tensor t && Comparison.Difference("", expected, t, (0, 0)) is null;
}

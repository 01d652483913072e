using System.Text.Json.Nodes;
using Flambeau.Nn;

namespace Flambeau.Conformance;

/// <summary>A call as C# says it.</summary>
delegate object? Idiom(Given a);

/// <summary>The arguments of a recorded call.</summary>
readonly struct Given(string name, IReadOnlyList<Argument> all, Func<JsonNode, Tensor> tensor)
{
    /// <summary>PyTorch's name.</summary>
    public string Name => name;

    public IReadOnlyList<Argument> All => all;

    /// <summary>The argument at a place or of a name as a C# type; the default where it was not given or None.</summary>
    public T? Get<T>(int at, string? name = null)
    {
        Argument[] positional = [.. all.Where(a => a.Name is null)];
        JsonNode? v = at < positional.Length ? positional[at].Value : all.FirstOrDefault(a => a.Name == name && name is not null).Value;
        if (v is null || v is JsonObject { Count: 1 } o && o.ContainsKey("n")) return default;
        return Binder.TryConvert(v, typeof(T), tensor, out object? y, out _) ? (T?)y : throw new BindingException($"{v.ToJsonString()} is no {typeof(T).Name}");
    }

    public bool Has(string name) => all.Any(a => a.Name == name);

    public Tensor Tensor(int at, string? name = null) => Get<Tensor>(at, name) ?? throw new BindingException($"argument {at} is missing");

    /// <summary>The same call with other arguments, by name.</summary>
    public object? Call(string member, params IEnumerable<Argument> arguments) => Binder.Call(Names.Members(member), [.. arguments], tensor);

    /// <summary>The arguments with some renamed or replaced; null leaves one out.</summary>
    public IEnumerable<Argument> With(Func<Argument, Argument?> change) => all.Select(change).Where(a => a is not null).Select(a => a!.Value);

    public Func<JsonNode, Tensor> Tensors => tensor;
}

/// <summary>What C# says otherwise than Python: operators, indexers, casts by type, None as a list.</summary>
static class Idioms
{
    static JsonNode I(long n) => new JsonObject { ["i"] = n };

    public static readonly Dictionary<string, Idiom> All = new()
    {
        // x + a with the tensor on the right
        ["__radd__"] = a => a.Tensor(1) + a.Tensor(0),
        ["__rsub__"] = a => a.Tensor(1) - a.Tensor(0),
        ["__rmul__"] = a => a.Tensor(1) * a.Tensor(0),
        ["__rdiv__"] = a => a.Tensor(1) / a.Tensor(0),
        ["__rmod__"] = a => a.Tensor(1) % a.Tensor(0),
        ["__rpow__"] = a => a.Tensor(1).Detach().Pow(a.Tensor(0)),              // PyTorch copies the base, and no gradient comes back to it
        ["__rmatmul__"] = a => a.Tensor(1).MatMul(a.Tensor(0)),
        ["__rand__"] = a => a.Tensor(1) & a.Tensor(0),
        ["__ror__"] = a => a.Tensor(1) | a.Tensor(0),
        ["__rxor__"] = a => a.Tensor(1) ^ a.Tensor(0),

        // the indexer
        ["__getitem__"] = a => a.Tensor(0)[Indices(a.All[1].Value, a.Tensors)],
        ["slice"] = a =>
        {
            Tensor x = a.Tensor(0);
            TensorIndex[] index = new TensorIndex[(int)(a.Get<long?>(1, "dim") ?? 0) + 1];
            index[^1] = TensorIndex.Slice(a.Get<long?>(2, "start"), a.Get<long?>(3, "end"), a.Get<long?>(4, "step") ?? 1);
            return x[index];
        },

        // the database calls these by lambdas of its own: arguments in another order, a clone changed in place, a mean alone
        ["where"] = a => Tensor.Where(a.Tensor(1), a.Tensor(0), a.Tensor(2)),
        ["nn.functional.embedding"] = a => a.Call("nn.functional.embedding", Swapped(a)),
        ["nn.functional.embedding_bag"] = a => a.Call("nn.functional.embedding_bag", Swapped(a)),
        ["linalg.pinv.singular"] = a => Linalg.Pinv(a.Tensor(0).MatMul(a.Tensor(1).MT)),
        ["linalg.lstsq.grad_oriented"] = a => Linalg.Lstsq(a.Tensor(0), a.Tensor(1), driver: a.Get<string>(2, "driver")).Solution,
        ["svd_lowrank"] = a => a.Tensor(0).MatMul(a.Tensor(1).MT).SvdLowRank(a.Get<long?>(9, "q") ?? 6, m: a.Get<Tensor>(9, "M")),
        ["pca_lowrank"] = a => a.Tensor(0).MatMul(a.Tensor(1).MT).PcaLowRank(a.Get<long?>(9, "q"), a.Get<bool?>(9, "center") ?? true),
        ["zero_"] = a => a.Tensor(0).Clone().ZeroInPlace(),
        ["atleast_1d"] = Listed, ["atleast_2d"] = Listed, ["atleast_3d"] = Listed,
        ["tensordot"] = a => a.All.FirstOrDefault(x => x.Name == "dims").Value?["l"] is JsonArray { Count: 2 } d && d[0]!["l"] is not null
            ? a.Call("tensordot", a.All[0], a.All[1], new(null, d[0]!), new(null, d[1]!)) : a.Call("tensordot", a.All),
        ["meshgrid"] = a => Tensor.Meshgrid(a.All[0].Value["l"] is not null ? a.Get<Tensor[]>(0)! : [.. a.All.Where(x => x.Name is null).Select(x => a.Tensors(x.Value))], a.Get<string>(99, "indexing") ?? "ij"),
        ["resize_"] = a => a.Tensor(0).Clone().ResizeInPlace(a.Get<long[]>(1)),
        ["resize_as_"] = a => a.Tensor(0).Clone().ResizeAsInPlace(a.Tensor(1)),
        ["normal"] = a => a.All.Count > 2 ? a.Call("normal", a.All) : a.All[1].Value["t"] is null ? Tensor.Normal(a.Tensor(0), a.Get<double>(1)) : Tensor.Normal(a.Tensor(0), a.Tensor(1)),
        ["normal.number_mean"] = a => Tensor.Normal(a.Get<double>(1), a.Tensor(0)),
        ["einsum"] = a => Tensor.Einsum(a.Get<string>(1)!, a.Get<Tensor[]>(0)!),
        ["rand_like"] = a => a.Call("randn_like", a.All),
        ["uniform"] = a => a.Tensor(0).Clone().UniformInPlace(a.Get<double>(1), a.Get<double>(2)),

        // what a flag chooses has a name of its own, since the result has another type
        ["nonzero"] = a => a.Get<bool>(1, "as_tuple") ? a.Tensor(0).NonZeroAsTuple() : a.Tensor(0).NonZero(),
        ["nn.functional.max_pool1d"] = Indexed(6),
        ["nn.functional.adaptive_max_pool1d"] = Indexed(2),
        ["nn.functional.max_pool2d"] = Indexed(6),
        ["nn.functional.adaptive_max_pool2d"] = Indexed(2),
        ["nn.functional.max_pool3d"] = Indexed(6),
        ["nn.functional.adaptive_max_pool3d"] = Indexed(2),
        ["nn.functional.fractional_max_pool2d"] = Indexed(4),
        ["nn.functional.fractional_max_pool3d"] = Indexed(4),
        ["nn.functional._scaled_dot_product_attention"] = a => a.Call("nn.functional.scaled_dot_product_attention_with_weights", a.With(x => x.Name == "need_attn_weights" ? null : x)),

        // PyTorch's older `unbiased` is a correction of 1 or 0; a bool alone in the second place means it
        ["var"] = a => a.Call("var", Correction(a)),
        ["std"] = a => a.Call("std", Correction(a)),
        ["var_mean"] = a => a.Call("var_mean", Correction(a)),
        ["std_mean"] = a => a.Call("std_mean", Correction(a)),
    };

    // A Python list and as many arguments are one params list in C#.
    static object? Listed(Given a) => Binder.Call(Names.Members(a.Name).Where(m => m.IsStatic == (a.All[0].Value["l"] is not null || a.All.Count > 1)), a.All, a.Tensors);

    static IEnumerable<Argument> Swapped(Given a) => [a.All[1], a.All[0], .. a.All.Skip(2)];

    static Idiom Indexed(int position) => a =>
    {
        Argument? flag = null;
        for (int i = 0; i < a.All.Count; i++) if (a.All[i].Name == "return_indices" || a.All[i].Name is null && i == position) flag = a.All[i];
        return a.Call(a.Name + (flag is not null && (bool)flag.Value.Value["b"]! ? "_with_indices" : ""), a.All.Where(x => x != flag));
    };

    static IEnumerable<Argument> Correction(Given a)
    {
        int i = 0;
        foreach (Argument x in a.All)
        {
            bool isFlag = x.Value is JsonObject o && o.ContainsKey("b");
            if (x.Name == "unbiased" || x.Name is null && i == 1 && isFlag) yield return new("correction", I((bool)x.Value["b"]! ? 1 : 0));
            else yield return x;
            i++;
        }
    }

    // A list of numbers alone is an array of indices; else it is a tuple, whose entries belong to one axis each.
    static TensorIndex[] Indices(JsonNode v, Func<JsonNode, Tensor> tensor) =>
        v["l"] is JsonArray list && !list.All(x => x!.AsObject().ContainsKey("i")) ? [.. list.Select(x => One(x!, tensor))] : [One(v, tensor)];

    static TensorIndex One(JsonNode v, Func<JsonNode, Tensor> tensor)
    {
        (string kind, JsonNode? x) = v.AsObject().First();
        long? Bound(int i) => (long?)x![i]!["i"];
        return kind switch
        {
            "i" => (long)x!,
            "b" => (bool)x!,
            "n" => TensorIndex.NewAxis,
            "ellipsis" => TensorIndex.Ellipsis,
            "slice" => TensorIndex.Slice(Bound(0), Bound(1), Bound(2) ?? 1),
            "t" => tensor(v),
            "l" => Tensor.From(x!.AsArray().Select(i => (long)i!["i"]!).ToArray()),
            _ => throw new BindingException($"{v.ToJsonString()} is no index"),
        };
    }
}

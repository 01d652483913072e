using System.Reflection;
using System.Text.Json.Nodes;
using Flambeau.Nn;

namespace Flambeau.Conformance;

/// <summary>PyTorch's names as public members of Flambeau: <c>linalg.svd</c> is <c>Linalg.Svd</c>, <c>add_</c> is <c>AddInPlace</c>.</summary>
public static class Names
{
    static readonly Dictionary<string, string[]> s_homes = new()
    {
        ["torch"] = ["Tensor"], ["nn.functional"] = ["F", "Tensor"], ["linalg"] = ["Linalg"], ["fft"] = ["Fft"], ["special"] = ["Special"], ["masked"] = ["Masked"], ["nn.init"] = ["Init"],
    };

    /// <summary>The overloads that answer to a name; none if there are none.</summary>
    public static IReadOnlyList<MethodInfo> Members(string name)
    {
        int dot = name.LastIndexOf('.');
        (string space, string leaf) = dot < 0 ? ("torch", name) : (name[..dot], name[(dot + 1)..]);
        string wanted = leaf.EndsWith('_') && !leaf.StartsWith("__", StringComparison.Ordinal) ? leaf.Replace("_", "") + "InPlace" : leaf.Replace("_", "");
        foreach (string home in s_homes.GetValueOrDefault(space, []))
        {
            Type? type = typeof(Tensor).Assembly.GetExportedTypes().FirstOrDefault(t => t.Name == home && !t.IsNested);
            MethodInfo[] found = type is null ? [] : [.. type.GetMethods().Where(m => !m.IsGenericMethod && (m.Name.Equals(wanted, StringComparison.OrdinalIgnoreCase)
                || m.IsSpecialName && m.Name.Equals("get_" + wanted, StringComparison.OrdinalIgnoreCase)))];
            if (found.Length > 0) return found;
        }
        return [];
    }

    /// <summary>Whether there is a member, or a way to say it in C#.</summary>
    public static bool HasMember(string name) => Idioms.All.ContainsKey(name) || Members(name).Count > 0;

    /// <summary>Calls what answers to a name.</summary>
    /// <exception cref="BindingException">Nothing does, or not with such arguments.</exception>
    public static object? Call(string name, IReadOnlyList<Argument> arguments, Func<JsonNode, Tensor> tensor)
    {
        if (Idioms.All.TryGetValue(name, out Idiom? idiom)) return idiom(new(name, arguments, tensor));
        IReadOnlyList<MethodInfo> members = Members(name);
        if (members.Count == 0) throw new BindingException($"Flambeau has no public member for {name}");
        return Binder.Call(members, arguments, tensor);
    }
}

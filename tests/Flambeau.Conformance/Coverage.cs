using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;

namespace Flambeau.Conformance;

/// <summary>Which of PyTorch's and TorchSharp's public names Flambeau answers, found by reflection; written to docs/coverage.md.</summary>
public static partial class Coverage
{
    enum Kind { Answered, Elsewhere, Missing }

    sealed record Line(string Name, Kind Kind, string Text);

    /// <summary>A line of coverage.tsv: names that a pattern matches are answered by a member of another name, or by none for a reason.</summary>
    sealed record Rule(Regex Pattern, string Member, string Reason);

    static readonly Type[] s_types = typeof(Tensor).Assembly.GetExportedTypes();

    // Where the members of a Python module or class are to be found, by the longest prefix that fits. Ending in a dot: the types of a C# namespace.
    static readonly (string Prefix, string[] Homes)[] s_homes =
    [
        ("torch.Tensor", ["Tensor", "Autograd", "F"]), ("torch.nn.functional", ["F", "Tensor"]), ("torch.nn.init", ["Init"]), ("torch.nn.utils.rnn", ["Nn.", "RnnUtils", "PackedSequence"]),
        ("torch.nn.utils", ["Nn.", "NnUtils", "ClipGrad", "Prune", "Parametrize", "Parametrizations", "Stateless"]), ("torch.nn.Module", ["Module", "ModuleExtensions"]), ("torch.nn.HookableModule", ["Module"]), ("torch.nn", ["Nn."]),
        ("torch.optim.lr_scheduler.LRScheduler", ["LRScheduler"]), ("torch.optim.lr_scheduler.impl", ["Optim."]), ("torch.optim.lr_scheduler", ["Optim."]),
        ("torch.optim.Optimizer", ["Optimizer"]), ("torch.optim", ["Optim.", "SwaUtils"]), ("torch.distributions.Distribution", ["Distribution"]), ("torch.distributions.transforms", ["Distributions."]), ("torch.distributions.constraints", ["Constraints", "Distributions."]),
        ("torch.distributions", ["Distributions.", "Kl"]), ("torch.linalg", ["Linalg", "Tensor"]), ("torch.fft", ["Fft"]), ("torch.special", ["Special"]), ("torch.masked", ["Masked"]),
        ("torch.autograd", ["Autograd", "GradCheck", ""]), ("torch.Generator", ["Generator"]), ("torch.random", ["Generator"]), ("torch.utils.data", ["Datasets."]), ("torch", ["Tensor", "F", "Linalg", "Autograd", "Generator"]),
        ("Modules", ["Nn.", "Optim.", "Distributions.", "Datasets."]),
    ];

    static readonly Dictionary<string, string> s_answers = [];

    /// <summary>The page.</summary>
    public static string Render(string folder)
    {
        Rule[] rules = [.. File.ReadLines(Path.Combine(folder, "coverage.tsv")).Skip(1).Where(l => l.Length > 0).Select(l => l.Split('\t')).Select(c => new Rule(new Regex($"^(?:{c[0]})$"), c[1], c.ElementAtOrDefault(2) ?? ""))];
        Line[] torch = [.. File.ReadLines(Path.Combine(folder, "torch-names.tsv")).Skip(1).Select(l => l.Split('\t')).Select(c => c[0] == "torch" ? $"torch.{c[1]}" : $"torch.{c[0]}.{c[1]}").Distinct().Select(n => Find(n, rules))];
        Line[] sharp = [.. File.ReadLines(Path.Combine(folder, "torchsharp-names.tsv")).Skip(1).Select(l => l.Split('\t')[1]).Distinct().Select(n => Find(n, rules))];
        StringBuilder page = new();
        page.Append("""
            # What Flambeau answers of PyTorch and TorchSharp

            Made by `dotnet run -c Release --project tests/Flambeau.Conformance -- coverage`, which looks each name up by reflection; do not edit.
            A name is answered by the member beside it, or there is a reason why none is wanted in .NET on the CPU, or it is missing.


            """.ReplaceLineEndings("\n"));
        Section(page, "PyTorch", torch, name => name.Split('.') is [_, var space, _, ..] ? space == "nn" && name.StartsWith("torch.nn.utils.", StringComparison.Ordinal) ? "nn.utils" : space : "torch");
        Section(page, "TorchSharp 0.107", sharp, name => name.Split('.') is ["torch", var space, _, ..] ? $"torch.{space}" : name.StartsWith("torch.", StringComparison.Ordinal) ? "torch" : "Modules");
        Transforms(page);
        return page.ToString();
    }

    static void Section(StringBuilder page, string title, Line[] lines, Func<string, string> part)
    {
        page.Append($"## {title}\n\n| part | names | answered | not wanted | missing | answered of those wanted |\n|---|---|---|---|---|---|\n");
        foreach (var g in lines.GroupBy(l => part(l.Name)).OrderBy(g => g.Key, StringComparer.Ordinal).Append(lines.GroupBy(_ => "**all**").Single()))
        {
            int answered = g.Count(l => l.Kind == Kind.Answered), elsewhere = g.Count(l => l.Kind == Kind.Elsewhere), missing = g.Count(l => l.Kind == Kind.Missing);
            page.Append($"| {g.Key} | {g.Count()} | {answered} | {elsewhere} | {missing} | {(answered + missing == 0 ? "–" : $"{Math.Floor(1000.0 * answered / (answered + missing)) / 10:0.0} %")} |\n");
        }
        Line[] gaps = [.. lines.Where(l => l.Kind == Kind.Missing)];
        page.Append(gaps.Length == 0 ? "\nNothing is missing.\n" : $"\nMissing: {string.Join(", ", gaps.Select(l => $"`{l.Name}`"))}.\n");
        page.Append("\n### Not wanted\n\n");
        foreach (var g in lines.Where(l => l.Kind == Kind.Elsewhere).GroupBy(l => l.Text)) page.Append($"- {g.Key}: {string.Join(", ", g.Select(l => $"`{l.Name}`"))}\n");
        page.Append("\n### Answered\n\n| name | Flambeau |\n|---|---|\n");
        foreach (Line l in lines.Where(l => l.Kind == Kind.Answered)) page.Append($"| {l.Name} | {l.Text} |\n");
        page.Append('\n');
    }

    static Line Find(string name, Rule[] rules)
    {
        foreach (Rule rule in rules)
        {
            Match m = rule.Pattern.Match(name);
            if (!m.Success) continue;
            if (rule.Member == "-") return new(name, Kind.Elsewhere, rule.Reason);
            string text = m.Result(rule.Member);
            int dot = text.LastIndexOf('.');
            string? found = Member(text[..Math.Max(0, dot)], text[(dot + 1)..]);
            return found is not null ? new(name, Kind.Answered, rule.Reason == "" ? $"`{found}`" : $"`{found}` ({rule.Reason})") : new(name, Kind.Missing, $"{text} does not exist");
        }
        foreach ((string prefix, string[] homes) in s_homes)
        {
            if (!name.StartsWith(prefix + ".", StringComparison.Ordinal) && name != prefix) continue;
            string leaf = name == prefix ? name[(name.LastIndexOf('.') + 1)..] : name[(prefix.Length + 1)..];
            if (leaf.Contains('.')) leaf = leaf[(leaf.LastIndexOf('.') + 1)..];
            bool inPlace = leaf.EndsWith('_') && !leaf.StartsWith('_');
            string wanted = leaf.Replace("_", "") + (inPlace ? "InPlace" : "");
            foreach (string home in homes)
                if (Member(home, wanted) is { } found) return new(name, Kind.Answered, $"`{found}`");
            break;
        }
        return new(name, Kind.Missing, "");
    }

    /// <summary>The public member, spelled as it is; null if there is none.</summary>
    static string? Member(string home, string name)
    {
        if (s_answers.TryGetValue($"{home}/{name}", out string? known)) return known == "" ? null : known;
        string? found = null;
        if (home == "" || home.EndsWith('.') || !s_types.Any(t => Plain(t.Name) == home) && s_types.Any(t => t.Namespace == $"Flambeau.{home}"))
        {
            string space = home == "" ? "Flambeau" : $"Flambeau.{home.TrimEnd('.')}";
            Type? t = s_types.FirstOrDefault(t => t.Namespace == space && Plain(t.Name).Equals(name, StringComparison.OrdinalIgnoreCase));
            found = t is null ? null : $"{space[(space.IndexOf('.') + 1)..]}.{Plain(t.Name)}".Replace("Flambeau.", "");
        }
        else
            foreach (Type t in s_types.Where(t => Plain(t.Name) == home))
                if (t.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.FlattenHierarchy).FirstOrDefault(m => name == "" || m.Name.Equals(name, StringComparison.OrdinalIgnoreCase) || m.Name.Equals(name.Replace("_", ""), StringComparison.OrdinalIgnoreCase)) is { } m)
                {
                    found = name == "" ? Plain(t.Name) : $"{Plain(t.Name)}.{m.Name}";
                    break;
                }
        s_answers[$"{home}/{name}"] = found ?? "";
        return found;
    }

    static string Plain(string name) => name.Split('`')[0];
}

using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Flambeau.Conformance;

CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
Argument<string> path = new("path") { Description = "a zip or a folder of recorded cases; the project's own if left out", Arity = ArgumentArity.ZeroOrOne };
Option<string?> filter = new("--filter") { Description = "only what has this in its name" };
Option<string?> json = new("--json") { Description = "write the outcome of each case to this file" };
Option<bool> verbose = new("--all") { Description = "show every difference, not only the first of each name" };
RootCommand root = new("Holds Flambeau against what PyTorch answered.");
foreach (ISuite suite in Suites.All)
{
    Command command = new(suite.Name, $"run the cases of {suite.Name}") { path, filter, json, verbose };
    command.SetAction(parsed => Report(suite, parsed.GetValue(path), parsed.GetValue(filter), parsed.GetValue(json), parsed.GetValue(verbose)));
    root.Subcommands.Add(command);
}
Command coverage = new("coverage", "write docs/coverage.md: which of PyTorch's and TorchSharp's names Flambeau answers") { path };
coverage.SetAction(parsed =>
{
    string page = parsed.GetValue(path) is { Length: > 0 } given ? given : Path.Combine("docs", "coverage.md");
    File.WriteAllText(page, Coverage.Render(Path.Combine(AppContext.BaseDirectory, "Data")));
    Console.WriteLine($"{page} is written.");
    return 0;
});
root.Subcommands.Add(coverage);
return root.Parse(args).Invoke();

static int Report(ISuite suite, string? path, string? filter, string? json, bool all)
{
    Corpus corpus;
    try { corpus = string.IsNullOrEmpty(path) ? Corpus.OfProject(suite.Corpus) : new(path); }
    catch (IOException e)
    {
        Console.Error.WriteLine(e.Message);
        return 2;
    }
    List<Outcome> outcomes = [];
    foreach (IGrouping<string, Outcome> group in Whole(suite.Run(corpus, filter)).Chunks(o => o.Group))
    {
        outcomes.AddRange(group);
        int Count(Status s) => group.Count(o => o.Status == s);
        Console.WriteLine($"{group.Key,-50} {Count(Status.Passed),5} passed {Count(Status.Failed),5} failed {Count(Status.Unsupported),5} unsupported{(Count(Status.Refused) is > 0 and var n ? $" {n,5} refused" : "")}");
        foreach (Outcome o in group.Where(o => o.Status is Status.Failed or Status.Unsupported).Take(all ? int.MaxValue : 1)) Console.WriteLine($"    {o.Case}: {o.Detail}");
    }
    foreach (IGrouping<string?, Outcome> reason in outcomes.Where(o => o.Status == Status.Refused).GroupBy(o => o.Detail?[(o.Detail.LastIndexOf("): ", StringComparison.Ordinal) + 3)..]))
        Console.WriteLine($"refused on purpose, {reason.Count()} cases: {reason.Key}");
    if (json is not null) File.WriteAllText(json, JsonSerializer.Serialize(outcomes.Select(o => new { o.Group, o.Case, Status = o.Status.ToString(), o.Detail }), new JsonSerializerOptions { WriteIndented = true }));
    int failed = outcomes.Count(o => o.Status is Status.Failed or Status.Unsupported);
    int whole = outcomes.GroupBy(o => o.Group).Count(g => g.All(o => o.Status is Status.Passed or Status.Refused));
    Console.WriteLine($"{whole} of {outcomes.Select(o => o.Group).Distinct().Count()} names without a failing case");
    Console.WriteLine($"{outcomes.Count(o => o.Status == Status.Passed)} passed, {failed} failed");
    return failed == 0 ? 0 : 1;
}

// A damaged file is one failure more, and not the end without a word.
static IEnumerable<Outcome> Whole(IEnumerable<Outcome> outcomes)
{
    using IEnumerator<Outcome> e = outcomes.GetEnumerator();
    while (true)
    {
        Outcome next;
        try
        {
            if (!e.MoveNext()) yield break;
            next = e.Current;
        }
        catch (Exception x) when (x is InvalidDataException or IOException or JsonException or InvalidOperationException or NullReferenceException or FormatException)
        {
            next = new("corpus", "reading", Status.Failed, $"the corpus cannot be read on: {x.Message}");
        }
        yield return next;
        if (next.Group == "corpus") yield break;
    }
}

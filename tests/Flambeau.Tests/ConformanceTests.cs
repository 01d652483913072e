using Flambeau.Conformance;
using Xunit;

namespace Flambeau.Tests;

/// <summary>What PyTorch recorded: every case of every suite. The console of Flambeau.Conformance runs the same and prints more.</summary>
[Collection(nameof(Nn.DefaultGenerator))]
public class ConformanceTests
{
    public static TheoryData<string> Names => new(Suites.All.Select(s => s.Name));

    [Theory, MemberData(nameof(Names))]
    public void Answers_are_those_of_PyTorch(string suite)
    {
        List<Outcome> outcomes = [.. Suites.All.Single(s => s.Name == suite) is var chosen ? chosen.Run(Corpus.OfProject(chosen.Corpus)) : []];
        string[] failures = [.. outcomes.Where(o => o.Status is Status.Failed or Status.Unsupported).Select(o => $"{o.Group}, {o.Case}: {o.Detail}")];
        Assert.NotEmpty(outcomes);
        Assert.True(failures.Length == 0, $"{failures.Length} of {outcomes.Count} cases fail:\n{string.Join('\n', failures.Take(20))}");
        Assert.True(outcomes.Count(o => o.Status == Status.Refused) <= 0.01 * outcomes.Count, "more than 1 % of the cases are refused");
    }
}

using Flambeau.Conformance;
using Xunit;

namespace Flambeau.Tests.Distributions;

public class ConformanceTests
{
    [Fact]
    public void Distributions_answer_what_PyTorch_answers()
    {
        Outcome[] all = [.. new DistributionsSuite().Run(new Corpus(Path.Combine(AppContext.BaseDirectory, "Data", "distributions.zip")))];
        Assert.True(all.Length > 300);
        Assert.Empty(all.Where(o => o.Status != Status.Passed).Select(o => $"{o.Group} {o.Case}: {o.Detail}"));
    }
}

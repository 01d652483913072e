using Flambeau.Conformance;
using Xunit;

namespace Flambeau.Tests;

public class CoverageTests
{
    [Fact]
    public void The_page_of_names_is_up_to_date()
    {
        string page = File.ReadAllText(Path.Combine(AotTests.Root(), "docs", "coverage.md")).ReplaceLineEndings("\n"), now = Coverage.Render(Path.Combine(AppContext.BaseDirectory, "Data"));
        Assert.True(page == now, "docs/coverage.md is stale: run `dotnet run -c Release --project tests/Flambeau.Conformance -- coverage` in the repository's folder.");
    }
}

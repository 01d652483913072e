using System.Reflection;
using System.Text.RegularExpressions;
using Xunit;

namespace Flambeau.Docs.Tests;

/// <summary>What the documentation says is so. Run with UPDATE_PAGES=1 to write what examples print into the pages.</summary>
public sealed partial class PageTests
{
    /// <summary>Pages without examples of their own: the first sketches the inside, the second is written by a program, the third is about figures.</summary>
    static readonly string[] s_without = ["docs/design.md", "docs/coverage.md", "docs/performance.md"];

    static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Flambeau.slnx"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("The tests do not run within the project.");
    }

    static IEnumerable<string> AllPages() =>
        ["README.md", .. Directory.GetFiles(Path.Combine(Root(), "docs"), "*.md").Select(p => "docs/" + Path.GetFileName(p)).Order(StringComparer.Ordinal)];

    public static IEnumerable<TheoryDataRow<string>> Pages() => AllPages().Except(s_without).Select(p => new TheoryDataRow<string>(p));

    [Theory, MemberData(nameof(Pages))]
    public void Examples_compile_without_warnings_and_print_what_the_page_says(string path)
    {
        Page page = Page.Read(Root(), path);
        Assert.True(page.Blocks.Any(b => b.IsCode), $"{path}: the page has no ```csharp block.");
        for (int i = 0; i < page.Blocks.Count; i++)
            if (page.Blocks[i].Language == "text") Assert.True(i > 0 && page.Blocks[i - 1].IsCode, $"{path}:{page.Blocks[i].Line}: a ```text block says what the ```csharp block before it prints, and there is none.");

        IReadOnlyList<string> told = Examples.Compile(page, out Assembly? program);
        Assert.True(told.Count == 0, string.Join('\n', told));
        Dictionary<int, string[]> printed = [];
        try
        {
            printed = Examples.Run(program!);
        }
        catch (Exception e)
        {
            Assert.Fail(Examples.Where(page, e));
        }
        if (Environment.GetEnvironmentVariable("UPDATE_PAGES") == "1") File.WriteAllText(Path.Combine(Root(), path), page.With(printed));
        else
            for (int i = 0; i < page.Blocks.Count; i++)
                if (page.Blocks[i].IsCode && page.OutputOf(i) is { } said) Compare(path, said, printed[i]);
    }

    static void Compare(string path, Page.Block said, string[] prints)
    {
        string[] says = Examples.Lines(said.Lines);
        for (int k = 0; k < Math.Max(says.Length, prints.Length); k++)
        {
            string? a = k < says.Length ? says[k] : null, b = k < prints.Length ? prints[k] : null;
            Assert.True(a == b, $"{path}:{said.Line + k}: the page says\n  {a ?? "(nothing more)"}\nthe example prints\n  {b ?? "(nothing more)"}");
        }
    }

    [Fact]
    public void The_front_page_names_every_page()
    {
        string front = File.ReadAllText(Path.Combine(Root(), "README.md"));
        Assert.All(AllPages().Skip(1), p => Assert.Contains($"`{p}`", front));
    }

    [Fact]
    public void Pages_name_only_files_that_exist()
    {
        List<string> missing = [];
        foreach (string path in AllPages().Append("CONTRIBUTING.md"))
            foreach (Match m in Named().Matches(File.ReadAllText(Path.Combine(Root(), path))))
                if (!Path.Exists(Path.Combine(Root(), m.Groups[1].Value))) missing.Add($"{path}: {m.Groups[1].Value}");
        Assert.Empty(missing);
    }

    [GeneratedRegex(@"[`(]((?:docs|samples|tests|src)/[\w./-]*\w)[`)]")]
    private static partial Regex Named();
}

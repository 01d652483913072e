using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace Flambeau.Docs.Tests;

/// <summary>Compiles a page as the SDK would compile a console program that starts from its template, and runs it.</summary>
static partial class Examples
{
    public static readonly CSharpParseOptions Parsing = new(LanguageVersion.CSharp14, DocumentationMode.None);

    static readonly SyntaxTree s_implicitUsings = CSharpSyntaxTree.ParseText(string.Concat(new[]
    {
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Threading", "System.Threading.Tasks",
    }.Select(n => $"global using {n};")), Parsing);

    /// <summary>.NET and Flambeau.</summary>
    static readonly MetadataReference[] s_references =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(p => Path.GetDirectoryName(p) == Path.GetDirectoryName(typeof(object).Assembly.Location) || Path.GetFileName(p) is "Flambeau.dll" or "Flambeau.Training.dll" or "Flambeau.Vision.dll")
            .Select(p => MetadataReference.CreateFromFile(p)),
    ];

    /// <summary>Errors and warnings of a page.</summary>
    public static IReadOnlyList<string> Compile(Page page, out Assembly? program)
    {
        program = null;
        SyntaxTree tree = CSharpSyntaxTree.ParseText(SourceText.From(page.Program(), Encoding.UTF8), Parsing, "page.cs");
        CSharpCompilation c = CSharpCompilation.Create("Page." + Path.GetFileNameWithoutExtension(page.Path), [tree, s_implicitUsings], s_references,
            new(OutputKind.ConsoleApplication, optimizationLevel: OptimizationLevel.Debug, nullableContextOptions: NullableContextOptions.Enable));
        using MemoryStream pe = new(), pdb = new();
        EmitResult r = c.Emit(pe, pdb, options: new(debugInformationFormat: DebugInformationFormat.PortablePdb));
        string[] told = [.. r.Diagnostics.Where(d => d.Severity >= DiagnosticSeverity.Warning).Select(Line)];
        if (told.Length == 0) program = Assembly.Load(pe.ToArray(), pdb.ToArray());
        return told;
    }

    static string Line(Diagnostic d)
    {
        FileLinePositionSpan at = d.Location.GetMappedLineSpan();
        return $"{at.Path}:{at.StartLinePosition.Line + 1}: {d.Id}: {d.GetMessage()}";
    }

    /// <summary>Runs a page in an empty folder.</summary>
    /// <returns>What each of its blocks prints.</returns>
    public static Dictionary<int, string[]> Run(Assembly program)
    {
        (TextWriter console, string folder) = (Console.Out, Directory.GetCurrentDirectory());
        DirectoryInfo temporary = Directory.CreateTempSubdirectory("flambeau-page-");
        using StringWriter text = new();
        try
        {
            Console.SetOut(text);
            Directory.SetCurrentDirectory(temporary.FullName);
            program.EntryPoint!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, program.EntryPoint.GetParameters().Length == 0 ? [] : [Array.Empty<string>()], null);
        }
        finally
        {
            Console.SetOut(console);
            Directory.SetCurrentDirectory(folder);
            temporary.Delete(recursive: true);
        }
        Dictionary<int, string[]> y = [];
        foreach (string part in text.ToString().ReplaceLineEndings("\n").Split(Page.Mark).Skip(1))
        {
            int end = part.IndexOf('\n');
            y.Add(int.Parse(part[..end]), Lines(part[(end + 1)..].Split('\n')));
        }
        return y;
    }

    /// <summary>Lines as they are compared: without blanks at line ends, and without empty lines at the end.</summary>
    public static string[] Lines(IEnumerable<string> lines)
    {
        List<string> y = [.. lines.Select(l => l.TrimEnd())];
        while (y is [.., ""]) y.RemoveAt(y.Count - 1);
        return [.. y];
    }

    /// <summary>An exception, with the line of the page that it came from.</summary>
    public static string Where(Page page, Exception e)
    {
        Match at = PlaceOnPage().Match(e.StackTrace ?? "");
        return $"{page.Path}:{(at.Success ? at.Groups[1].Value : "?")}: {e}";
    }

    [GeneratedRegex(@"\.md:line (\d+)")]
    private static partial Regex PlaceOnPage();
}

using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Flambeau.Docs.Tests;

/// <summary>
/// A page of documentation as one program: the ```csharp blocks, in order. What stands before the first ## holds for the whole page, what a section
/// declares, for the section; types hold everywhere. A ```text or ```mermaid block is what the csharp block before it prints. Other blocks are only shown.
/// </summary>
sealed partial class Page
{
    /// <summary>A block between fences.</summary>
    /// <param name="Language">What stands behind the opening fence.</param>
    /// <param name="Line">The number of its first line, from 1.</param>
    /// <param name="Section">How many ## stand before it.</param>
    /// <param name="Lines">Its lines.</param>
    public sealed record Block(string Language, int Line, int Section, string[] Lines)
    {
        public bool IsCode => Language == "csharp";
        public bool IsOutput => Language is "text" or "mermaid";
    }

    readonly string[] _lines;

    Page(string path, string[] lines)
    {
        (Path, _lines) = (path, lines);
        List<Block> blocks = [];
        int section = 0;
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith("## ", StringComparison.Ordinal)) section++;
            if (Fence().Match(lines[i]) is not { Success: true } open) continue;
            int end = Array.FindIndex(lines, i + 1, l => l.TrimEnd() == "```");
            if (end < 0) throw new FormatException($"{path}:{i + 1}: the block has no end.");
            blocks.Add(new(open.Groups[1].Value, i + 2, section, lines[(i + 1)..end]));
            i = end;
        }
        Blocks = blocks;
    }

    [GeneratedRegex(@"^```(\w*)\s*$")]
    private static partial Regex Fence();

    /// <summary>Reads a page.</summary>
    /// <param name="root">The project's folder.</param>
    /// <param name="path">The page's place in it.</param>
    public static Page Read(string root, string path) => new(path, File.ReadAllLines(System.IO.Path.Combine(root, path)));

    /// <summary>Its place in the project.</summary>
    public string Path { get; }

    /// <summary>Its blocks.</summary>
    public IReadOnlyList<Block> Blocks { get; }

    /// <summary>The block that says what block <paramref name="i"/> prints, if the next one does.</summary>
    public Block? OutputOf(int i) => i + 1 < Blocks.Count && Blocks[i + 1].IsOutput ? Blocks[i + 1] : null;

    /// <summary>The program. Before each block it prints <see cref="Mark"/> and the block's number.</summary>
    public string Program()
    {
        StringBuilder usings = new(), body = new(), types = new();
        int section = 0;
        for (int i = 0; i < Blocks.Count; i++)
        {
            Block b = Blocks[i];
            if (!b.IsCode) continue;
            if (b.Section != section)
            {
                body.Append("#line hidden\n").Append(section == 0 ? "{\n" : "}\n{\n");
                section = b.Section;
            }
            body.Append($"#line hidden\nSystem.Console.WriteLine(\"{Mark}{i}\");\n");
            SyntaxTree tree = CSharpSyntaxTree.ParseText(string.Join('\n', b.Lines), Examples.Parsing);
            CompilationUnitSyntax unit = tree.GetCompilationUnitRoot();
            foreach (SyntaxNode n in unit.ChildNodes())
            {
                StringBuilder to = n is UsingDirectiveSyntax ? usings : n is GlobalStatementSyntax ? body : types;
                to.Append($"#line {b.Line + tree.GetLineSpan(n.FullSpan).StartLinePosition.Line} \"{Path}\"\n").Append(n.ToFullString()).Append('\n');
            }
        }
        if (section != 0) body.Append("#line hidden\n}\n");
        return $"{usings}{body}{types}";
    }

    /// <summary>What marks the beginning of a block's output.</summary>
    public const char Mark = '\u0001';

    /// <summary>The page with other text in the blocks of output.</summary>
    /// <param name="printed">What each block printed.</param>
    public string With(IReadOnlyDictionary<int, string[]> printed)
    {
        List<string> y = [];
        int at = 0;
        for (int i = 0; i < Blocks.Count; i++)
        {
            if (!printed.TryGetValue(i, out string[]? lines) || OutputOf(i) is not { } b) continue;
            y.AddRange(_lines[at..(b.Line - 1)]);
            y.AddRange(lines);
            at = b.Line - 1 + b.Lines.Length;
        }
        return string.Concat(y.Concat(_lines[at..]).Select(l => l + "\n"));
    }
}

namespace Flambeau.Conformance;

/// <summary>How a case ended.</summary>
public enum Status
{
    /// <summary>Flambeau answers what PyTorch answered.</summary>
    Passed,

    /// <summary>It answers otherwise.</summary>
    Failed,

    /// <summary>No public member answers to the name; counts as failed.</summary>
    Unsupported,

    /// <summary>Flambeau refuses on purpose: the reason stands in a table. Counts neither as passed nor as failed.</summary>
    Refused,
}

/// <summary>A case and how it ended.</summary>
/// <param name="Group">The operator, module, optimizer …</param>
/// <param name="Case">Which case of it.</param>
/// <param name="Status">How it ended.</param>
/// <param name="Detail">What was called, where it differs, what was expected, what came; or the reason.</param>
public sealed record Outcome(string Group, string Case, Status Status, string? Detail = null);

/// <summary>A kind of corpus and how its cases are run.</summary>
public interface ISuite
{
    /// <summary>The console's name: <c>ops</c>.</summary>
    string Name { get; }

    /// <summary>The part of the corpus that it reads: that of its name, unless it says otherwise.</summary>
    string Corpus => Name;

    /// <summary>Runs all cases whose group contains <paramref name="filter"/>.</summary>
    IEnumerable<Outcome> Run(Corpus corpus, string? filter = null);
}

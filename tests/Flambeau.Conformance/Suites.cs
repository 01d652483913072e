namespace Flambeau.Conformance;

/// <summary>All kinds of corpus.</summary>
public static class Suites
{
    /// <summary>In the order in which the console lists them.</summary>
    public static IReadOnlyList<ISuite> All { get; } = [new OpsSuite(), new ModulesSuite(), new OptimSuite(), new SchedSuite(), new RngSuite(), new DistributionsSuite(), new CheckpointsSuite(), new TransformsSuite(), new ModuleTransformsSuite()];

    /// <summary>Groups neighbours, as they come: nothing waits for the end.</summary>
    public static IEnumerable<IGrouping<TKey, T>> Chunks<T, TKey>(this IEnumerable<T> items, Func<T, TKey> key) where TKey : notnull
    {
        List<T> run = [];
        foreach (T item in items)
        {
            if (run.Count > 0 && !key(run[0]).Equals(key(item)))
            {
                yield return run.ToLookup(key).Single();
                run = [];
            }
            run.Add(item);
        }
        if (run.Count > 0) yield return run.ToLookup(key).Single();
    }
}

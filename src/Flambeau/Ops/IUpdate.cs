namespace Flambeau.Ops;

/// <summary>
/// An optimizer's rule for one number: parameter, gradient, and up to three numbers of state. Written once over the algebra, it runs over
/// lanes, one pass over memory for each parameter, and over doubles as its own reference.
/// </summary>
internal interface IUpdate
{
    /// <summary>How many of <c>a</c>, <c>b</c> and <c>c</c> there are.</summary>
    int States { get; }

    /// <summary>Changes parameter and state.</summary>
    void Apply<T>(ref T p, T g, ref T a, ref T b, ref T c) where T : IReal<T>;
}

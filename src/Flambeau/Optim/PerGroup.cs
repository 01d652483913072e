namespace Flambeau.Optim;

/// <summary>One value for all groups of parameters, or one for each.</summary>
/// <typeparam name="T">What the values are.</typeparam>
public readonly struct PerGroup<T>
{
    readonly T[] _values;

    PerGroup(T[] values) => _values = values;

    /// <summary>One for all.</summary>
    public static implicit operator PerGroup<T>(T value) => new([value]);

    /// <summary>One for each, in order.</summary>
    public static implicit operator PerGroup<T>(T[] values) => new([.. values]);

    internal T[] For(Optimizer optimizer, string name) =>
        _values is [T one] ? [.. Enumerable.Repeat(one, optimizer.ParamGroups.Count)]
        : _values?.Length == optimizer.ParamGroups.Count ? _values
        : throw new ArgumentException($"{name}: {_values?.Length ?? 0} values for {optimizer.ParamGroups.Count} groups of parameters.", name);
}

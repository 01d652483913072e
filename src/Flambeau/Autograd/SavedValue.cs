using Flambeau.Ops;

namespace Flambeau;

/// <summary>
/// A tensor that is kept for the backward pass: as it is, with the version it had, or as hooks packed it. Nodes, functions and checkpoints
/// keep what they need in these.
/// </summary>
internal struct SavedValue
{
    object? _kept;                                                              // a tensor, or what hooks made of it
    int _version;

    /// <summary>Whether nothing is kept.</summary>
    public readonly bool IsEmpty => _kept is null;

    /// <summary>Whether hooks packed it.</summary>
    public readonly bool IsPacked => _kept is Packed;

    /// <summary>Keeps a tensor as it is now, or lets the hooks in force keep it.</summary>
    public void Keep(Tensor x)
    {
        if (Modes.Current?.SavedTensors is { } hooks)
        {
            _kept = hooks.Keep(x);
            return;
        }
        KeepPlain(x);
    }

    /// <summary>Keeps a tensor as it is now, whatever hooks there are.</summary>
    public void KeepPlain(Tensor x)
    {
        (_kept, _version) = (x, x.Storage.Version);
        x.Storage.IsShared = true;
    }

    /// <summary>The tensor that is kept, unchecked; null if hooks keep it.</summary>
    public readonly Tensor? Plain => _kept as Tensor;

    /// <summary>The value that was kept.</summary>
    /// <param name="op">Who kept it, for the message.</param>
    /// <param name="what">As what.</param>
    /// <param name="number">As the how manieth of these.</param>
    /// <param name="next">The node it came from, with which an unpacked value is connected again; null if no gradient flows to it.</param>
    /// <param name="index">Which of that node's results it is.</param>
    /// <exception cref="InvalidOperationException">It was changed in place since.</exception>
    public readonly Tensor Get(string op, string what, int number, Node? next, int index)
    {
        if (_kept is Packed p) return p.Get(op, what, number, next, index);
        var saved = (Tensor)_kept!;
        if (saved.Storage.Version != _version) throw Changed(op, $"{what} {number}", saved, _version);
        return saved;
    }

    public static InvalidOperationException Changed(string op, string what, Tensor saved, int version) => new(
        $"Backward of {op}: its {what}, a {saved.DType} tensor of shape {saved.Shape}, has been changed in place since" +
        (Op.LastChange(saved.Storage) is { } by ? $" by {by}" : "") +
        $" (version {saved.Storage.Version}, saved at {version}). Use the form of that operation that returns a new tensor, or clone first.");

    /// <summary>Forgets what hooks unpacked: the next backward pass asks them again.</summary>
    public readonly void ForgetUnpacked() => (_kept as Packed)?.Forget();

    /// <summary>Forgets the value.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Clear()
    {
        bool had = _kept is not null;
        _kept = null;
        return had;
    }
}

/// <summary>What hooks made of a tensor.</summary>
internal abstract class Packed(Tensor x)
{
    readonly Dims _shape = x.Shape;
    readonly DType _dtype = x.DType;
    Tensor? _unpacked;

    /// <summary>What the hooks make of it now.</summary>
    protected abstract Tensor Unpack();

    /// <summary>As it was, in the place of the graph where it was; unpacked once until <see cref="Forget"/>.</summary>
    public Tensor Get(string op, string what, int number, Node? next, int index)
    {
        if (_unpacked is { } there) return there;
        Tensor y;
        using (Autograd.NoGrad())
        using (Modes.Push(Modes.Here with { SavedTensors = null }))
            y = Unpack();
        if (y is null || y.Shape != _shape || y.DType != _dtype)
            throw new InvalidOperationException($"Backward of {op}: the unpack hook answers {(y is null ? "null" : $"a {y.DType} tensor of shape {y.Shape}")} for its {what} {number}, a {_dtype} tensor of shape {_shape}. It must answer a tensor of the shape and type that the pack hook got.");
        Tensor alias = y.WithoutHistory();
        if (next is not null) alias.SetHistory(next, index);
        return _unpacked = alias;
    }

    public void Forget() => _unpacked = null;
}

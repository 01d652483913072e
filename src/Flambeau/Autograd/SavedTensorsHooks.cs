using System.Runtime.CompilerServices;
using Flambeau.Ops;

namespace Flambeau;

/// <summary>Who keeps what backward passes will need.</summary>
internal abstract class TensorKeeper
{
    /// <summary>Keeps a tensor. Nothing is recorded meanwhile.</summary>
    /// <exception cref="InvalidOperationException">The tensor was changed in place.</exception>
    public Packed Keep(Tensor x)
    {
        int version = x.Storage.Version;
        using var _ = Autograd.NoGrad();
        using var __ = Modes.Push(Modes.Here with { SavedTensors = null });
        Packed p = Pack(x);
        return x.Storage.Version == version ? p : throw new InvalidOperationException(
            $"The pack hook changed the {x.DType} tensor of shape {x.Shape} that it was given, by {Op.LastChange(x.Storage)}. Others hold that tensor too: let the hook answer a new one.");
    }

    protected abstract Packed Pack(Tensor x);

    /// <summary>Told before an operation in place changes what lies in a storage.</summary>
    public virtual void BeforeChange(Storage storage) { }
}

public static partial class Autograd
{
    /// <summary>
    /// Until the scope is disposed, what this thread's operations keep for the backward pass is given to <paramref name="pack"/>, and what that
    /// answers is kept in its place: a smaller form, a file's name, whatever brings the tensor back. The backward pass, whenever it comes, asks
    /// <paramref name="unpack"/> for it. Of nested scopes the innermost holds. PyTorch's <c>torch.autograd.graph.saved_tensors_hooks</c>.
    /// </summary>
    /// <typeparam name="T">What is kept.</typeparam>
    /// <param name="pack">Gets a tensor without history, which it must not change.</param>
    /// <param name="unpack">Answers a tensor of the same shape and type. Called once in each backward pass for each use.</param>
    /// <exception cref="InvalidOperationException">Hooks are disabled.</exception>
    /// <example><code>
    /// using (Autograd.SavedTensorsHooks(x => x.To(DType.BFloat16), y => y.To(DType.Float32))) loss = model.Call(input).Sum();
    /// loss.Backward();
    /// </code></example>
    public static IDisposable SavedTensorsHooks<T>(Func<Tensor, T> pack, Func<T, Tensor> unpack)
    {
        ArgumentNullException.ThrowIfNull(pack);
        ArgumentNullException.ThrowIfNull(unpack);
        return Push(new PairOfHooks<T>(pack, unpack));
    }

    /// <summary>Until the scope is disposed, <see cref="SavedTensorsHooks{T}"/> and what is built on it are refused with this message. PyTorch's <c>disable_saved_tensors_hooks</c>.</summary>
    /// <exception cref="InvalidOperationException">Hooks are in force.</exception>
    public static IDisposable DisableSavedTensorsHooks(string message)
    {
        ArgumentException.ThrowIfNullOrEmpty(message);
        if (Modes.Current?.SavedTensors is not null) throw new InvalidOperationException(message);
        Modes.Scope scope = Modes.Push(Modes.Here with { NoSavedTensors = message });
        return new Removal(scope.Dispose);
    }

    internal static IDisposable Push(TensorKeeper keeper)
    {
        CheckHooksAllowed();
        Modes.Scope scope = Modes.Push(Modes.Here with { SavedTensors = keeper });
        return new Removal(scope.Dispose);
    }

    internal static void CheckHooksAllowed()
    {
        if (Modes.Current?.NoSavedTensors is { } message) throw new InvalidOperationException(message);
    }

    /// <summary>
    /// Until the scope is disposed, tensors that backward passes need may be changed in place: what is about to be changed is copied first. PyTorch's
    /// <c>torch.autograd.graph.allow_mutation_on_saved_tensors</c>.
    /// </summary>
    /// <exception cref="InvalidOperationException">Hooks are disabled.</exception>
    public static IDisposable AllowMutationOnSavedTensors() => Push(new Copying());

    sealed class Copying : TensorKeeper
    {
        readonly ConditionalWeakTable<Storage, List<WeakReference<Kept>>> _kept = [];

        protected override Packed Pack(Tensor x)
        {
            Kept k = new(x);
            _kept.GetOrCreateValue(x.Storage).Add(new(k));
            return k;
        }

        public override void BeforeChange(Storage storage)
        {
            if (!_kept.TryGetValue(storage, out var list)) return;
            using var _ = NoGrad();
            using var __ = Modes.Push(Modes.Here with { SavedTensors = null });
            foreach (var w in list) if (w.TryGetTarget(out Kept? k)) k.Copy();
            _kept.Remove(storage);
        }

        sealed class Kept(Tensor x) : Packed(x)
        {
            Tensor _value = x.WithoutHistory();
            int _version = x.Storage.Version;

            public void Copy()
            {
                if (_value.Storage.Version != _version) return;                 // too late; noticed when it is asked for
                _value = _value.Clone();
                _version = _value.Storage.Version;
            }

            protected override Tensor Unpack() => _value.Storage.Version == _version ? _value : throw SavedValue.Changed("an operation under AllowMutationOnSavedTensors, outside of which it was changed", "saved value", _value, _version);
        }
    }

    sealed class PairOfHooks<T>(Func<Tensor, T> pack, Func<T, Tensor> unpack) : TensorKeeper
    {
        protected override Packed Pack(Tensor x) => new Kept(x, pack(x.WithoutHistory()), unpack);

        sealed class Kept(Tensor x, T value, Func<T, Tensor> unpack) : Packed(x)
        {
            protected override Tensor Unpack() => unpack(value);
        }
    }
}

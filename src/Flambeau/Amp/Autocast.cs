using System.Diagnostics.CodeAnalysis;
using Flambeau.Ops;

namespace Flambeau;

public static partial class Amp
{
    /// <summary>
    /// Until the scope is disposed, this thread's matrix products, convolutions and attention take their float32 arguments in
    /// <paramref name="dtype"/>, and operations that need the range or precision, such as losses, take 16-bit ones in float32: PyTorch's lists for
    /// the CPU. In-place operations and results of a type that is asked for stay as they are. The backward pass, which belongs outside, runs in the types of the
    /// forward pass. PyTorch's <c>torch.autocast</c>.
    /// </summary>
    /// <param name="device">Where the tensors lie. The lists are the same for all devices; the parameter is PyTorch's.</param>
    /// <param name="dtype">BFloat16 or Float16; by default <see cref="GetAutocastDType"/>.</param>
    /// <param name="enabled">False to leave a part of an outer scope out: cast its arguments by <c>x.Float()</c> where they are 16-bit.</param>
    /// <param name="cacheEnabled">Whether a parameter is cast once in the outermost scope, instead of for each use; by default <see cref="IsAutocastCacheEnabled"/>.</param>
    /// <exception cref="ArgumentException">Another type is given.</exception>
    public static IDisposable Autocast(Device device = default, DType? dtype = null, bool enabled = true, bool? cacheEnabled = null)
    {
        _ = device;
        DType type = CheckType("Autocast", dtype ?? GetAutocastDType());
        AutocastIncrementNesting();
        Modes.Scope scope = Modes.Push(Modes.Here with { Autocast = (Modes.Here.Autocast ?? new()) with { IsEnabled = enabled, To = type, Caches = cacheEnabled ?? IsAutocastCacheEnabled } });
        return new Removal(() =>
        {
            scope.Dispose();
            if (AutocastDecrementNesting() == 0) ClearAutocastCache();
        });
    }

    /// <summary>Whether this thread's operations are cast. PyTorch's <c>is_autocast_enabled</c>.</summary>
    public static bool IsAutocastEnabled => Modes.Current?.Autocast is { IsEnabled: true };

    /// <summary>Casts, or does not, from here on, on this thread. <see cref="Autocast"/> is safer. PyTorch's <c>set_autocast_enabled</c>.</summary>
    public static void SetAutocastEnabled(bool enabled) => Change(a => a with { IsEnabled = enabled });

    /// <summary>The type that this thread's operations are cast to, BFloat16 at first. PyTorch's <c>get_autocast_dtype</c>.</summary>
    public static DType GetAutocastDType() => Modes.Current?.Autocast?.To ?? DType.BFloat16;

    /// <summary>Sets the type that this thread's operations are cast to. PyTorch's <c>set_autocast_dtype</c>.</summary>
    /// <exception cref="ArgumentException">It is not BFloat16 or Float16.</exception>
    public static void SetAutocastDType(DType dtype)
    {
        CheckType("SetAutocastDType", dtype);
        Change(a => a with { To = dtype });
    }

    /// <summary>Whether casts of parameters are kept for the next use. PyTorch's <c>is_autocast_cache_enabled</c>.</summary>
    public static bool IsAutocastCacheEnabled => Modes.Current?.Autocast?.Caches ?? true;

    /// <summary>Sets whether casts of parameters are kept. PyTorch's <c>set_autocast_cache_enabled</c>.</summary>
    public static void SetAutocastCacheEnabled(bool enabled) => Change(a => a with { Caches = enabled });

    [ThreadStatic] static Dictionary<Tensor, (Tensor Cast, int Version)>? t_cache;
    [ThreadStatic] static int t_nesting;

    /// <summary>Forgets the casts that this thread kept. PyTorch's <c>clear_autocast_cache</c>.</summary>
    public static void ClearAutocastCache() => t_cache = null;

    /// <summary>One scope more; answers how many there are. PyTorch's <c>autocast_increment_nesting</c>.</summary>
    public static int AutocastIncrementNesting() => ++t_nesting;

    /// <summary>One scope less; answers how many there are. PyTorch's <c>autocast_decrement_nesting</c>.</summary>
    public static int AutocastDecrementNesting() => --t_nesting;

    static void Change(Func<Casting, Casting> to)
    {
        Casting a = to(Modes.Here.Autocast ?? new());
        Modes.Set(Modes.Here with { Autocast = a == new Casting() ? null : a });
    }

    static DType CheckType(string op, DType dtype) => dtype.IsLowPrecision ? dtype
        : throw new ArgumentException($"{op}: operations are cast to BFloat16 or Float16, not {dtype}.", nameof(dtype));

    /// <summary>What autocast is set to.</summary>
    internal sealed record Casting
    {
        public bool IsEnabled { get; init; }
        public DType To { get; init; } = DType.BFloat16;
        public bool Caches { get; init; } = true;

        /// <summary>At the waist: the inputs in the type that the operation's list says.</summary>
        public Args Cast(Op op, Args inputs)
        {
            if (!IsEnabled || AutocastLists.Of(op.Name) is not { } list) return inputs;
            DType? to = Target(list, inputs);
            foreach (Tensor x in inputs)
                if (Casts(x, to)) return All(inputs, to);
            return inputs;
        }

        Tensor[] All(Args inputs, DType? to)
        {
            Tensor[] y = inputs.ToArray();
            for (int i = 0; i < y.Length; i++) y[i] = One(y[i], to);
            return y;
        }

        DType? Target(AutocastList list, Args inputs)
        {
            if (list == AutocastList.LowerPrecision) return To;
            if (list == AutocastList.Float32) return DType.Float32;
            if (list == AutocastList.Unchanged) return null;
            DType widest = To;
            foreach (Tensor x in inputs)
            {
                if (x.DType == DType.Float64) return null;
                if (IsEligible(x)) widest = DType.Promote(widest, x.DType);
            }
            return widest;
        }

        static bool IsEligible(Tensor x) => x.DType is DType.Float32 or DType.Float16 or DType.BFloat16;

        static bool Casts(Tensor x, DType? to) => to is { } t && x.DType != t && IsEligible(x);

        /// <summary>One tensor in the type of a list.</summary>
        public Tensor One(Tensor x, DType? target)
        {
            if (target is not { } to || !Casts(x, to)) return x;
            if (!Caches || to != To || x.DType != DType.Float32 || !x.IsLeaf || !x.RequiresGrad || x.IsView || x.Substitute is not null) return x.To(to);
            // A cast made under NoGrad has no history, and is of no use where one is wanted; nor is that of a parameter that changed.
            if (t_cache?.TryGetValue(x, out var there) == true && there.Version == x.Storage.Version && there.Cast.DType == to && (there.Cast.RequiresGrad || !Autograd.IsGradEnabled)) return there.Cast;
            Tensor y = x.To(to);
            (t_cache ??= new(ReferenceEqualityComparer.Instance))[x] = (y, x.Storage.Version);
            return y;
        }

        public DType? TargetOf(string name, Args inputs) => IsEnabled && AutocastLists.Of(name) is { } list ? Target(list, inputs) : null;

        public bool Knows(string name) => IsEnabled && AutocastLists.Of(name) is not null;
    }

    // ---- operations that are compositions here and one operation in PyTorch ----

    /// <summary>
    /// At the beginning of a composition that is in the lists: its arguments are cast as the list says, and nothing inside is cast until the
    /// scope is disposed.
    /// </summary>
    internal static Modes.Scope Enter(string name, ref Tensor a)
    {
        if (Modes.Current?.Autocast is null) return Modes.Same;
        Tensor?[] x = [a];
        Modes.Scope scope = Enter(name, x);
        a = x[0]!;
        return scope;
    }

    /// <inheritdoc cref="Enter(string, ref Tensor)"/>
    internal static Modes.Scope Enter(string name, ref Tensor a, ref Tensor b)
    {
        if (Modes.Current?.Autocast is null) return Modes.Same;
        Tensor?[] x = [a, b];
        Modes.Scope scope = Enter(name, x);
        (a, b) = (x[0]!, x[1]!);
        return scope;
    }

    /// <inheritdoc cref="Enter(string, ref Tensor)"/>
    internal static Modes.Scope Enter(string name, ref Tensor a, ref Tensor b, [NotNullIfNotNull(nameof(c))] ref Tensor? c)
    {
        if (Modes.Current?.Autocast is null) return Modes.Same;
        Tensor?[] x = [a, b, c];
        Modes.Scope scope = Enter(name, x);
        (a, b, c) = (x[0]!, x[1]!, x[2]);
        return scope;
    }

    /// <inheritdoc cref="Enter(string, ref Tensor)"/>
    internal static Modes.Scope Enter(string name, ref Tensor a, ref Tensor b, ref Tensor c, ref Tensor? d)
    {
        if (Modes.Current?.Autocast is null) return Modes.Same;
        Tensor?[] x = [a, b, c, d];
        Modes.Scope scope = Enter(name, x);
        (a, b, c, d) = (x[0]!, x[1]!, x[2]!, x[3]);
        return scope;
    }

    /// <summary>As <see cref="Enter(string, ref Tensor)"/>, of tensors some of which may be missing; they are replaced where they stand.</summary>
    internal static Modes.Scope Enter(string name, Tensor?[] x)
    {
        if (Modes.Current?.Autocast is not { } now || !now.Knows(name)) return Modes.Same;
        DType? to = now.TargetOf(name, [.. x.OfType<Tensor>()]);
        for (int i = 0; i < x.Length; i++) if (x[i] is { } t) x[i] = now.One(t, to);
        return Modes.Push(Modes.Here with { Autocast = now with { IsEnabled = false } });
    }

    /// <summary>At the beginning of a composition that PyTorch does not cast, though it is made here of operations that are: nothing inside is cast.</summary>
    internal static Modes.Scope Leave(string name) =>
        Modes.Current?.Autocast is { } now && now.Knows(name) ? Modes.Push(Modes.Here with { Autocast = now with { IsEnabled = false } }) : Modes.Same;
}

using Flambeau.Ops;

namespace Flambeau.Nn;

/// <summary>A module from one tensor to one tensor. Such modules stand in a <see cref="Sequential"/> and take hooks.</summary>
public abstract class UnaryModule : Module
{
    readonly List<Func<UnaryModule, Tensor, Tensor?>> _before = [];
    readonly List<Func<UnaryModule, Tensor, Tensor, Tensor?>> _after = [];
    readonly List<Func<UnaryModule, Tensor?, Tensor, Tensor?>> _backward = [];

    /// <summary>Computes the result. Modules that run others do so by <see cref="Call"/>, so that their hooks see it.</summary>
    /// <param name="input">The input.</param>
    public abstract Tensor Forward(Tensor input);

    /// <summary><see cref="Forward"/> with the hooks around it. PyTorch's <c>module(input)</c>.</summary>
    /// <param name="input">The input.</param>
    public Tensor Call(Tensor input)
    {
        foreach (var hook in _before.ToArray()) input = hook(this, input) ?? input;
        Tensor y = _backward.Count > 0 && Autograd.IsGradEnabled ? ForwardWatched(input) : Forward(input);
        foreach (var hook in _after.ToArray()) y = hook(this, input, y) ?? y;
        return y;
    }

    /// <summary>The input passes through a view, whose gradient is what this module alone sends back.</summary>
    Tensor ForwardWatched(Tensor input)
    {
        bool needs = input.RequiresGrad;
        Tensor x = needs ? Op.Apply(new View(input.Shape), input) : input, y = Forward(x);
        if (!y.RequiresGrad) return y;
        Tensor? gradOutput = null;
        y.RegisterHook(g =>
        {
            gradOutput = g;
            if (!needs) foreach (var hook in _backward.ToArray()) hook(this, null, g);
            return null;
        });
        if (needs)
            x.RegisterHook(g =>
            {
                if (gradOutput is null) return null;
                foreach (var hook in _backward.ToArray()) g = hook(this, g, gradOutput) ?? g;
                return g;
            });
        return y;
    }

    /// <summary>Calls <paramref name="hook"/> with the input before each forward pass; what it answers, if not null, takes the input's place.</summary>
    /// <returns>Dispose it to remove the hook.</returns>
    public IDisposable RegisterForwardPreHook(Func<UnaryModule, Tensor, Tensor?> hook) => Register(_before, hook);

    /// <summary>Calls <paramref name="hook"/> with input and result after each forward pass; what it answers, if not null, takes the result's place.</summary>
    /// <returns>Dispose it to remove the hook.</returns>
    public IDisposable RegisterForwardHook(Func<UnaryModule, Tensor, Tensor, Tensor?> hook) => Register(_after, hook);

    /// <summary>
    /// Calls <paramref name="hook"/> in each backward pass with the gradients of the input (null if it needs none) and of the result;
    /// what it answers, if not null, takes the place of the input's gradient.
    /// </summary>
    /// <returns>Dispose it to remove the hook.</returns>
    public IDisposable RegisterFullBackwardHook(Func<UnaryModule, Tensor?, Tensor, Tensor?> hook) => Register(_backward, hook);

    static Removal<T> Register<T>(List<T> hooks, T hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        hooks.Add(hook);
        return new(hooks, hook);
    }

    sealed class Removal<T>(List<T> hooks, T hook) : IDisposable
    {
        public void Dispose() => hooks.Remove(hook);
    }
}

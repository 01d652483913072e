namespace Flambeau.Nn;

/// <summary>A module from one tensor to one tensor. Such modules stand in a <see cref="Sequential"/>.</summary>
public abstract class UnaryModule : Module
{
    /// <summary>Computes the result. Modules that run others do so by <see cref="Call"/>, so that their hooks see it.</summary>
    /// <param name="input">The input.</param>
    public abstract Tensor Forward(Tensor input);

    /// <summary><see cref="Forward"/> with the hooks around it. PyTorch's <c>module(input)</c>.</summary>
    /// <param name="input">The input.</param>
    public Tensor Call(Tensor input) => IsWatched ? Invoke([input], x => Forward(x[0]!)) : Forward(input);

    /// <summary>Calls <paramref name="hook"/> with the input before each call; what it answers, if not null, takes the input's place.</summary>
    /// <returns>Dispose it to remove the hook.</returns>
    public IDisposable RegisterForwardPreHook(Func<UnaryModule, Tensor, Tensor?> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        return RegisterForwardPreHook((Module _, Tensor?[] x) => One(hook(this, x[0]!)));
    }

    /// <summary>Calls <paramref name="hook"/> with input and result after each call; what it answers, if not null, takes the result's place.</summary>
    /// <returns>Dispose it to remove the hook.</returns>
    public IDisposable RegisterForwardHook(Func<UnaryModule, Tensor, Tensor, Tensor?> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        return RegisterForwardHook((Module _, Tensor?[] x, Tensor?[] y) => One(hook(this, x[0]!, y[0]!)));
    }

    /// <summary>
    /// Calls <paramref name="hook"/> in each backward pass with the gradients of the input (null if it needs none) and of the result;
    /// what it answers, if not null, takes the place of the input's gradient.
    /// </summary>
    /// <returns>Dispose it to remove the hook.</returns>
    public IDisposable RegisterFullBackwardHook(Func<UnaryModule, Tensor?, Tensor, Tensor?> hook)
    {
        ArgumentNullException.ThrowIfNull(hook);
        return RegisterFullBackwardHook((Module _, Tensor?[] gx, Tensor?[] gy) => One(hook(this, gx[0], gy[0]!)));
    }

    static Tensor?[]? One(Tensor? t) => t is null ? null : [t];
}

/// <summary>A module from two tensors to one: most losses, distances, <see cref="Bilinear"/>.</summary>
public abstract class BinaryModule : Module
{
    /// <summary>Computes the result.</summary>
    /// <param name="input1">The first input; of a loss, what the network answers.</param>
    /// <param name="input2">The second input; of a loss, the target.</param>
    public abstract Tensor Forward(Tensor input1, Tensor input2);

    /// <summary><see cref="Forward"/> with the hooks around it. PyTorch's <c>module(input1, input2)</c>.</summary>
    /// <inheritdoc cref="Forward"/>
    public Tensor Call(Tensor input1, Tensor input2) => IsWatched ? Invoke([input1, input2], x => Forward(x[0]!, x[1]!)) : Forward(input1, input2);
}

using System.Numerics;
using System.Runtime.CompilerServices;
using Flambeau.Backends.Dense;

namespace Flambeau.Backends.Cpu;

internal sealed unsafe partial class CpuBackend
{
    internal override void CtcLoss(Tensor x, Tensor targets, Tensor steps, Tensor lengths, long blank, Tensor loss, Tensor alpha) =>
        Ctc(null, x, targets, steps, lengths, loss, alpha, blank, false, null);

    internal override void CtcLossBackward(Tensor g, Tensor x, Tensor targets, Tensor steps, Tensor lengths, Tensor loss, Tensor alpha, long blank, bool zeroInfinity, Tensor dx) =>
        Ctc(g, x, targets, steps, lengths, loss, alpha, blank, zeroInfinity, dx);

    static void Ctc(Tensor? g, Tensor x, Tensor targets, Tensor steps, Tensor lengths, Tensor loss, Tensor alpha, long blank, bool zeroInfinity, Tensor? dx)
    {
        fixed (byte* pg = (g ?? x).Storage, px = x.Storage, pt = targets.Storage, ps = steps.Storage, pn = lengths.Storage, pl = loss.Storage, pa = alpha.Storage, pd = (dx ?? x).Storage)
        {
            CtcVisitor v = new(new()
            {
                G = Start(pg, g ?? x), X = Start(px, x), Targets = (long*)Start(pt, targets), Steps = (long*)Start(ps, steps), Lengths = (long*)Start(pn, lengths), Loss = Start(pl, loss),
                Alpha = Start(pa, alpha), Dx = dx is null ? null : Start(pd, dx), T = x.Shape[0], N = x.Shape[1], C = x.Shape[2], S = targets.Shape[1], Blank = blank, ZeroInfinity = zeroInfinity,
            });
            LaneDispatch.Visit(x.DType, ref v);
        }
    }

    struct CtcArguments
    {
        public byte* G, X, Loss, Alpha, Dx;
        public long* Targets, Steps, Lengths;
        public long T, N, C, S, Blank;
        public bool ZeroInfinity;
    }

    readonly struct CtcVisitor(CtcArguments a) : ILaneVisitor
    {
        public void Visit<L, C>() where L : struct, ILane<L> where C : struct, ICodec<L>
        {
            CtcArguments all = a;
            if (L.IsDouble) Threads.For(a.N, 1, new CtcBody<L, double>(&all));
            else Threads.For(a.N, 1, new CtcBody<L, float>(&all));
        }
    }

    /// <summary>
    /// Samples, one after the other. A step takes all states at once, from rows of the last step that end in −∞ on both sides: for a state i that is not there, i − 1 and i − 2, or
    /// i + 1 and i + 2 on the way back. One may skip a state where a third row has 0 and not −∞.
    /// </summary>
    readonly struct CtcBody<L, E>(CtcArguments* a) : IRangeBody where L : struct, ILane<L> where E : unmanaged, IFloatingPointIeee754<E>
    {
        public void Run(long begin, long end)
        {
            long width = (2 * a->S + L.Count) / L.Count * L.Count, row = width + 2 * L.Count;
            using Buffer<E> room = new(6 * row);
            using Buffer<E> ofClasses = new(a->C + L.Count);
            using Buffer<long> classes = new(2 * a->S + 1);
            for (long n = begin; n < end; n++)
            {
                for (long i = 0; i < 6 * row; i++) room.At[i] = E.NegativeInfinity;
                Sample s = new(a, n, width, classes.At, room.At + L.Count, row);
                if (a->Dx == null) s.Forward();
                else s.Backward(ofClasses.At);
            }
        }

        readonly struct Sample
        {
            readonly CtcArguments* _a;
            readonly long _n, _width, _states, _steps;
            readonly long* _class;
            readonly E* _skip, _emitted, _here, _before, _alpha, _most;

            public Sample(CtcArguments* a, long n, long width, long* classes, E* rows, long row)
            {
                long length = a->Lengths[n];
                long* target = a->Targets + n * a->S;
                (_n, _width, _states, _steps) = (n, width, 2 * length + 1, a->Steps[n]);
                _a = a;
                _class = classes;
                _skip = rows;
                _emitted = rows + row;
                _here = rows + 2 * row;
                _before = rows + 3 * row;
                _alpha = rows + 4 * row;
                _most = rows + 5 * row;
                for (long k = 0; k < length; k++)
                {
                    (classes[2 * k], classes[2 * k + 1]) = (a->Blank, target[k]);
                    if (k > 0 && target[k] != target[k - 1]) _skip[2 * k + 1] = E.Zero;
                }
                classes[2 * length] = a->Blank;
            }

            E* X(long t) => (E*)_a->X + (t * _a->N + _n) * _a->C;

            E* Alpha(long t) => (E*)_a->Alpha + (_n * _a->T + t) * (2 * _a->S + 1);

            [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
            public void Forward()
            {
                E* now = _here, last = _before;
                for (long t = 0; t < _steps; t++)
                {
                    Emit(t);
                    if (t > 0) Step(last, -1, _skip, now);
                    else for (long i = 0; i < Math.Min(2, _states); i++) now[i] = _emitted[i];
                    Rows.Copy(_states, now, Alpha(t));
                    E* other = last;
                    last = now;
                    now = other;
                }
                ((E*)_a->Loss)[_n] = _steps == 0 ? _states == 1 ? E.Zero : E.PositiveInfinity : -Sum(last[_states - 1], last[_states > 1 ? _states - 2 : -1]);
            }

            [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
            public void Backward(E* paths)
            {
                E loss = ((E*)_a->Loss)[_n], g = ((E*)_a->G)[_n];
                bool none = _a->ZeroInfinity && E.IsPositiveInfinity(loss);
                E* now = _here, last = _before;
                for (long t = _a->T - 1; t >= 0; t--)
                {
                    E* dx = (E*)_a->Dx + (t * _a->N + _n) * _a->C;
                    if (none || t >= _steps)
                    {
                        Rows.Clear(_a->C, dx);
                        continue;
                    }
                    Emit(t);
                    if (t < _steps - 1) Step(last, 1, _skip + 2, now);
                    else for (long i = Math.Max(0, _states - 2); i < _states; i++) now[i] = _emitted[i];
                    Rows.Copy(_states, Alpha(t), _alpha);
                    Share(now, loss);
                    Gradient(X(t), loss, g, paths, dx);
                    E* other = last;
                    last = now;
                    now = other;
                }
            }

            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            void Emit(long t)
            {
                E* x = X(t);
                for (long i = 0; i < _states; i++) _emitted[i] = x[_class[i]];
            }

            // y = ln(e^x + e^(x one further) + e^(x two further) where that is allowed) + emitted
            void Step(E* x, long further, E* skip, E* y)
            {
                Sums(x, further, skip, y);
                Logs(y);
            }

            // The exponential stands here once, and the logarithm elsewhere: the JIT inlines only so much into one method, and what is left over is called: 0.4 of 0.6 ms.
            [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
            void Sums(E* x, long further, E* skip, E* y)
            {
                L never = L.Const(double.NegativeInfinity);
                for (long i = 0; i < _width; i += L.Count)
                {
                    L a = L.Load(x + i), b = L.Load(x + i + further), c = L.Load(x + i + 2 * further) + L.Load(skip + i);
                    L most = L.MaxNative(a, L.MaxNative(b, c)), sum = L.Zero;
                    most = L.Where(L.Equal(most, never), L.Zero, most);
                    for (int k = 0; k < 3; k++) sum += L.Exp((k == 0 ? a : k == 1 ? b : c) - most);
                    L.Store(most, _most + i);
                    L.Store(sum, y + i);
                }
            }

            [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
            void Logs(E* y)
            {
                for (long i = 0; i < _width; i += L.Count) L.Store(L.Log(L.Load(y + i)) + L.Load(_most + i) + L.Load(_emitted + i), y + i);
            }

            // The part of all paths that pass through a state, into α's place.
            [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
            void Share(E* beta, E loss)
            {
                L total = L.Broadcast(&loss);
                for (long i = 0; i < _width; i += L.Count) L.Store(L.Exp(L.Load(_alpha + i) + L.Load(beta + i) + total - L.Load(_emitted + i)), _alpha + i);
            }

            // Through no state −∞, with which PyTorch begins, has e^(−∞ + loss − x) = 0, or NaN where the loss or x is infinite.
            [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
            void Gradient(E* x, E loss, E g, E* paths, E* dx)
            {
                L never = L.Const(double.NegativeInfinity), through = never + L.Broadcast(&loss), factor = L.Broadcast(&g);
                long count = _a->C;
                for (long c = 0; c < count; c += L.Count)
                {
                    L none = through - Some(x, c);
                    L.Store(L.Where(L.Equal(none, never), L.Zero, none), paths + c);
                }
                E blanks = _alpha[0];
                for (long i = 1; i < _states; i += 2)
                {
                    paths[_class[i]] += _alpha[i];
                    blanks += _alpha[i + 1];
                }
                paths[_a->Blank] += blanks;
                for (long c = 0; c < count; c += L.Count)
                {
                    L d = (L.Exp(Some(x, c)) - L.Load(paths + c)) * factor;
                    if (c + L.Count <= count) L.Store(d, dx + c);
                    else Tail<L>.Store(d, (byte*)(dx + c), (int)(count - c));
                }
            }

            L Some(E* x, long c) => c + L.Count <= _a->C ? L.Load(x + c) : Tail<L>.Load((byte*)(x + c), (int)(_a->C - c), L.Zero);

            static E Sum(E a, E b)
            {
                E most = E.Max(a, b);
                return E.IsNegativeInfinity(most) ? most : most + E.Log(E.Exp(a - most) + E.Exp(b - most));
            }
        }
    }
}

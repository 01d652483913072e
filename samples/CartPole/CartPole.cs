using static System.Math;

namespace Flambeau.Samples.CartPole;

/// <summary>
/// A pole hinged on a cart (Barto, Sutton, Anderson 1983), with the constants, Euler steps and limits of the classic CartPole-v1.
/// </summary>
/// <param name="X">The cart's place, m.</param>
/// <param name="XDot">Its speed, m/s.</param>
/// <param name="Theta">The pole's angle from upright, rad.</param>
/// <param name="ThetaDot">Its angular speed, rad/s.</param>
readonly record struct CartPole(double X, double XDot, double Theta, double ThetaDot)
{
    public const double Gravity = 9.8, CartMass = 1, PoleMass = 0.1, HalfLength = 0.5, Force = 10, Dt = 0.02;     // m/s², kg, kg, m, N, s
    public const double XLimit = 2.4, ThetaLimit = 12 * 2 * PI / 360;

    /// <summary>An episode that lasts so long is over too: the pole has been balanced.</summary>
    public const int StepLimit = 500;

    /// <summary>Four numbers, each between −0.05 and 0.05.</summary>
    public static CartPole Start(Random chance)
    {
        return new(Small(), Small(), Small(), Small());

        double Small() => 0.1 * chance.NextDouble() - 0.05;
    }

    /// <summary>Whether the cart has left the track or the pole has fallen.</summary>
    public bool IsOver => Abs(X) > XLimit || Abs(Theta) > ThetaLimit;

    /// <summary>The state 0.02 s later, while the cart is pushed to the right or to the left.</summary>
    public CartPole Step(bool right)
    {
        const double mass = CartMass + PoleMass, moment = PoleMass * HalfLength;
        double sin = Sin(Theta), cos = Cos(Theta);
        double push = ((right ? Force : -Force) + moment * ThetaDot * ThetaDot * sin) / mass;
        double thetaDotDot = (Gravity * sin - cos * push) / (HalfLength * (4.0 / 3 - PoleMass * cos * cos / mass));
        double xDotDot = push - moment * thetaDotDot * cos / mass;
        return new(X + Dt * XDot, XDot + Dt * xDotDot, Theta + Dt * ThetaDot, ThetaDot + Dt * thetaDotDot);
    }
}

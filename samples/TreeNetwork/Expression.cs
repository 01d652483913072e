namespace Flambeau.Samples.TreeNetwork;

/// <summary>Arithmetic modulo 10, as a tree: a digit, or two expressions and what joins them. Its text is <c>((3+4)*(9-2))</c>.</summary>
abstract record Expression
{
    public const string Operators = "+-*";

    /// <summary>What it comes to: 0…9.</summary>
    public abstract int Value { get; }

    /// <summary>How many operators lie on the longest way down.</summary>
    public abstract int Depth { get; }

    public static Expression Parse(string text)
    {
        int at = 0;
        Expression e = Read();
        return at == text.Length ? e : throw new FormatException($"'{text}': nothing should follow character {at}.");

        char Next() => at < text.Length ? text[at++] : throw new FormatException($"'{text}' ends too early.");

        void Expect(bool fits, string what)
        {
            if (!fits) throw new FormatException($"'{text}': character {at} should be {what}.");
        }

        Expression Read()
        {
            char c = Next();
            if (char.IsAsciiDigit(c)) return new Digit(c - '0');
            Expect(c == '(', "a digit or '('");
            Expression left = Read();
            char op = Next();
            Expect(Operators.Contains(op), "an operator: + - *");
            Expression right = Read();
            Expect(Next() == ')', "')'");
            return new Operation(op, left, right);
        }
    }

    /// <summary>An expression of this depth; one side of each operator may be as shallow as a digit, so that there are very many shapes.</summary>
    public static Expression Make(Random chance, int depth)
    {
        if (depth == 0) return new Digit(chance.Next(10));
        Expression deep = Make(chance, depth - 1), other = Make(chance, chance.Next(depth));
        char op = Operators[chance.Next(Operators.Length)];
        return chance.Next(2) == 0 ? new Operation(op, deep, other) : new Operation(op, other, deep);
    }
}

sealed record Digit(int Number) : Expression
{
    public override int Value => Number;

    public override int Depth => 0;

    public override string ToString() => $"{Number}";
}

sealed record Operation(char Operator, Expression Left, Expression Right) : Expression
{
    public override int Value => Operator switch
    {
        '+' => (Left.Value + Right.Value) % 10,
        '-' => (Left.Value - Right.Value + 10) % 10,
        _ => Left.Value * Right.Value % 10,
    };

    public override int Depth => 1 + Math.Max(Left.Depth, Right.Depth);

    public override string ToString() => $"({Left}{Operator}{Right})";
}

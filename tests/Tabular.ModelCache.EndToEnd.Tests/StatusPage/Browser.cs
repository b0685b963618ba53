using PuppeteerSharp;
using Tabular.ModelCache.EndToEnd.Tests.Harness;

namespace Tabular.ModelCache.EndToEnd.Tests.StatusPage;

/// <summary>Debian's Chromium without a window, with one page.</summary>
internal sealed class Browser : IAsyncDisposable
{
    private const string Program = "chromium";
    private const int Width = 860;
    private const int Height = 520;

    private readonly TemporaryFolder _profile = new();
    private IBrowser _browser = null!;

    private Browser()
    {
    }

    public IPage Page { get; private set; } = null!;

    /// <summary>What the page could not do: errors of its script and of its content security policy.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>Opens an address; the test is skipped where there is no Chromium.</summary>
    public static async Task<Browser> OpenAsync(Uri address)
    {
        Assert.SkipUnless(Tool.Exists(Program), $"{Program} is not installed.");
        var browser = new Browser();
        browser._browser = await Puppeteer.LaunchAsync(new LaunchOptions
        {
            ExecutablePath = Tool.Find(Program),
            Headless = true,
            UserDataDir = browser._profile.Path,
            Timeout = (int)Poll.Deadline.TotalMilliseconds,
            Args =
            [
                "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--hide-scrollbars",
            ],
        });
        browser.Page = await browser._browser.NewPageAsync();
        browser.Page.DefaultTimeout = (int)Poll.Deadline.TotalMilliseconds;
        browser.Page.PageError += (_, e) => browser.Errors.Add(e.Message);
        browser.Page.Console += (_, e) => browser.Add(e.Message);
        await browser.Page.SetViewportAsync(new ViewPortOptions { Width = Width, Height = Height });
        await browser.Page.GoToAsync($"{address}");
        return browser;
    }

    /// <summary>Waits until an expression is true in the page.</summary>
    /// <remarks>By asking again and again: a function of the page's own would need <c>eval</c>, which its policy forbids.</remarks>
    public async Task WaitForAsync(string expression)
    {
        var text = "";
        await Poll.ForAsync(
            async () =>
            {
                text = await ReadAsync<string>("document.body.innerText");
                return await ReadAsync<bool>(expression) ? this : null;
            },
            () => $"{expression}; the page was: {text}");
    }

    public Task<T> ReadAsync<T>(string expression) => Page.EvaluateExpressionAsync<T>(expression);

    /// <summary>Writes <c>artifacts/screenshots/&lt;name&gt;.png</c>.</summary>
    public async Task TakeScreenshotAsync(string name, string scheme = "light")
    {
        await Page.EmulateMediaFeaturesAsync([new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = scheme }]);
        var folder = Directory.CreateDirectory(Repository.PathOf("artifacts/screenshots"));
        await Page.ScreenshotAsync(Path.Join(folder.FullName, $"{name}.png"), new ScreenshotOptions { FullPage = true });
    }

    public async ValueTask DisposeAsync()
    {
        await _browser.DisposeAsync();
        _profile.Dispose();
    }

    private void Add(ConsoleMessage message)
    {
        if (message.Type == ConsoleType.Error)
        {
            Errors.Add(message.Text);
        }
    }
}
